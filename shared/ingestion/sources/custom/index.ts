import type { FileSource } from "../bill.ts";
import { openCustomBill } from "./read-custom.ts";

/** Any CSV, Parquet or JSON bill, mapped by the user's own SELECT. */
export const customSource: FileSource<"custom"> = {
  type: "custom",
  mappingVersion: 1,
  locations: (source) => [{ role: "bill", location: source.location }],
  open: openCustomBill,
};
