import { describe, expect, it } from "vitest";
import type { BillStore } from "../../../../shared/ports/bill-store.ts";
import type { ObjectEntry, ObjectStore } from "../../../../shared/ports/object-store.ts";
import { checkPermission, type DoctorCheck } from "../../../../shared/usecases/doctor/check.ts";
import { billChecks, lakeChecks } from "../../../../shared/usecases/doctor/store-checks.ts";

const GRANT = { right: "r", how: "h" };
const GRANTS = { list: GRANT, read: GRANT, write: GRANT, delete: GRANT };

async function asked(checks: ReturnType<typeof lakeChecks>): Promise<DoctorCheck[]> {
  const found: DoctorCheck[] = [];
  for (const each of checks) found.push(await checkPermission(each));
  return found;
}

/** Storage that takes every write. */
function careless(remembers: boolean): ObjectStore {
  const body = new TextEncoder().encode("{}");
  return {
    get: () => Promise.resolve(remembers ? { body, etag: "1" } : undefined),
    put: () => Promise.resolve({ ok: true, etag: "1" }),
    delete: () => Promise.resolve(),
    async *list() {},
  };
}

describe("a lake", () => {
  it("is refused where conditions do not hold", async () => {
    const found = await asked(lakeChecks(async () => careless(true), "lake", "doctor/1", GRANTS));
    expect(found.map(({ what, ok }) => [what, ok])).toEqual([
      ["lake: list", true],
      ["lake: write", true],
      ["lake: read", true],
      ["lake: conditional writes", false],
      ["lake: delete", true],
    ]);
    expect(found[3]).toMatchObject({ detail: "conditional writes do not hold: this storage cannot be a lake" });
    expect(found[3]?.missing).toBeUndefined();
  });

  it("is refused where what was written is gone", async () => {
    const found = await asked(lakeChecks(async () => careless(false), "lake", "doctor/1", GRANTS));
    expect(found.find(({ what }) => what === "lake: read")).toMatchObject({ ok: false });
  });
});

describe("a place of bills", () => {
  function placeOf(entries: readonly Pick<ObjectEntry, "key" | "sizeBytes">[]) {
    const read: string[] = [];
    const store: BillStore = {
      async *list() {
        for (const entry of entries) yield { ...entry, modifiedAt: new Date(0) };
      },
      read: (key) => Promise.resolve(void read.push(key) as undefined),
      download: () => Promise.resolve(),
    };
    return { read, checks: billChecks(async () => ({ store, prefix: "" }), "source a", GRANTS) };
  }

  it("is read by its smallest object", async () => {
    const { read, checks } = placeOf([
      { key: "b", sizeBytes: 20 },
      { key: "a", sizeBytes: 10 },
    ]);
    expect((await asked(checks)).map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, "2 objects"],
      [true, "a was read"],
    ]);
    expect(read).toEqual(["a"]);
  });

  it("is not read where every object is large, and not listed to its end", async () => {
    const large = Array.from({ length: 1500 }, (_, index) => ({ key: `k${index}`, sizeBytes: 2 ** 30 }));
    const { read, checks } = placeOf(large);
    expect((await asked(checks)).map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, "1000 objects or more"],
      [true, "not checked: the smallest object has 1073741824 bytes"],
    ]);
    expect(read).toEqual([]);
  });
});
