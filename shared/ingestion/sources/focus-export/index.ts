import type { FileSource } from "../bill.ts";
import { openFocusBill } from "./read-focus.ts";

/** FOCUS files of any provider, versions 1.0 to 1.4, CSV or Parquet. */
export const focusExportSource: FileSource<"focus-export"> = {
  type: "focus-export",
  mappingVersion: 1,
  locations: (source) => [{ role: "bill", location: source.location }],
  open: (context) => openFocusBill(context),
};
