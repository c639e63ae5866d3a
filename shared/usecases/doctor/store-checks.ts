import { GenOpsError } from "../../core/errors.ts";
import type { BillStore } from "../../ports/bill-store.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Asked, PermissionCheck, StoreGrants } from "../../ports/permissions.ts";

const BODY = new TextEncoder().encode("{}");
const NOTHING_WRITTEN: Asked = { outcome: "unchecked", detail: "nothing could be written before" };

/**
 * What a lake needs, each by one call on one object that is removed again: list, create, refuse a second creation, read, replace by tag,
 * delete. To be asked in this order.
 */
export function lakeChecks(
  open: () => Promise<ObjectStore>,
  name: string,
  key: string,
  grants: StoreGrants,
): PermissionCheck[] {
  let etag: string | undefined;
  const granted = (detail: string): Asked => ({ outcome: "granted", detail });
  const ifWritten = (work: (tag: string) => Promise<Asked>) => async () =>
    etag === undefined ? NOTHING_WRITTEN : work(etag);
  return [
    {
      what: `${name}: list`,
      grant: grants.list,
      async ask() {
        for await (const _ of (await open()).list("doctor/")) break;
        return granted("objects can be listed");
      },
    },
    {
      what: `${name}: write`,
      grant: grants.write,
      async ask() {
        const created = await (await open()).put(key, BODY, { create: true });
        if (created.ok) etag = created.etag;
        return granted("an object was created");
      },
    },
    {
      what: `${name}: read`,
      grant: grants.read,
      ask: ifWritten(async () => {
        if ((await (await open()).get(key)) === undefined)
          throw new GenOpsError("internal", "what was written cannot be read");
        return granted("it was read back");
      }),
    },
    {
      what: `${name}: conditional writes`,
      grant: grants.write,
      ask: ifWritten(async (tag) => {
        const lake = await open();
        const again = await lake.put(key, BODY, { create: true });
        const replaced = await lake.put(key, BODY, { ifMatch: tag });
        const stale = await lake.put(key, BODY, { ifMatch: tag });
        if (again.ok || !replaced.ok || stale.ok)
          throw new GenOpsError("config", "conditional writes do not hold: this storage cannot be a lake");
        return granted("conditional writes hold");
      }),
    },
    {
      what: `${name}: delete`,
      grant: grants.delete,
      ask: ifWritten(async () => {
        await (await open()).delete(key);
        return granted("the object was removed");
      }),
    },
  ];
}

/** How many objects are looked at to find a small one. */
const MOST_LISTED = 1000;
const MOST_READ_BYTES = 8 * 1024 ** 2;

/** What a place of bills needs: listing, and reading the smallest object of the first page. */
export function billChecks(
  open: () => Promise<{ store: BillStore; prefix: string }>,
  name: string,
  grants: Pick<StoreGrants, "list" | "read">,
): PermissionCheck[] {
  let smallest: { key: string; sizeBytes: number } | undefined;
  return [
    {
      what: `${name}: list`,
      grant: grants.list,
      async ask() {
        const { store, prefix } = await open();
        let listed = 0;
        for await (const entry of store.list(prefix)) {
          listed += 1;
          if (smallest === undefined || entry.sizeBytes < smallest.sizeBytes) smallest = entry;
          if (listed === MOST_LISTED) break;
        }
        const many =
          listed === MOST_LISTED ? `${listed} objects or more` : `${listed} ${listed === 1 ? "object" : "objects"}`;
        return { outcome: "granted", detail: many };
      },
    },
    {
      what: `${name}: read`,
      grant: grants.read,
      async ask() {
        if (smallest === undefined) return { outcome: "unchecked", detail: "there is no object to read" };
        if (smallest.sizeBytes > MOST_READ_BYTES)
          return { outcome: "unchecked", detail: `the smallest object has ${smallest.sizeBytes} bytes` };
        const { store } = await open();
        await store.read(smallest.key);
        return { outcome: "granted", detail: `${smallest.key} was read` };
      },
    },
  ];
}
