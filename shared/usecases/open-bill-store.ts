import { GenOpsError } from "../core/errors.ts";
import { createRemoteBillStore } from "../ledger/storage/remote-bill-store.ts";
import { createSystemClock } from "../platforms/local/system.ts";
import type { BillStore } from "../ports/bill-store.ts";
import { openRemoteObjects, type StorageContext } from "./open-remote-objects.ts";

/** Opens the bucket behind `s3://…`, `azblob://…` or `gs://…`. */
export async function openBillStore(
  location: string,
  { clock = createSystemClock(), ...context }: Partial<StorageContext> = {},
): Promise<{ store: BillStore; key: string }> {
  const place = await openRemoteObjects(location, { clock, ...context });
  if (place === undefined) {
    throw new GenOpsError(
      "config",
      `location "${location}" is no bucket: expected s3://bucket/…, azblob://account/container/… or gs://bucket/…`,
    );
  }
  return { store: createRemoteBillStore({ remote: place.remote, clock }), key: place.key };
}
