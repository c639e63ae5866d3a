import type { FileSource } from "../bill.ts";
import { openFocusBill } from "./read-focus.ts";

/** FOCUS files of any provider, versions 1.0 to 1.4, CSV or Parquet. */
export const focusExportSource: FileSource<"focus-export"> = {
  type: "focus-export",
  mappingVersion: 1,
  locations: ({ location }) => (location === undefined ? [] : [{ role: "bill", location }]),
  split: { decide: () => ({}) },
  // Groups of rows have only the columns that they keep apart.
  open: (context) => openFocusBill(context, { partial: context.source.mode === "in-place" }),
};
