import { GenOpsError } from "../core/errors.ts";
import type { BillStore } from "../ports/bill-store.ts";

/** Opens the bucket behind `s3://…`, `azblob://…` or `gs://…`. The adapter and its SDK are loaded only then. */
export async function openBillStore(location: string): Promise<{ store: BillStore; key: string }> {
  throw new GenOpsError("config", `location "${location}" cannot be read in this version; use a path, glob or folder`);
}
