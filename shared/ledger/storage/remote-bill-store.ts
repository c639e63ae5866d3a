import type { BillStore } from "../../ports/bill-store.ts";
import { type Reading, readBytes, readToFile } from "./read-object.ts";

/** Exported bills in a cloud's object storage. */
export function createRemoteBillStore(reading: Reading): BillStore {
  return {
    list: (prefix) => reading.remote.list(prefix),
    read: async (key) => (await readBytes(reading, key))?.body,
    download: (key, file) => readToFile(reading, key, file),
  };
}
