import { type BillLine, focusCsv } from "./focus-bill.ts";

export interface ExportOptions {
  /** Folder of the export in the bucket. */
  prefix?: string;
  name?: string;
  period?: string;
  /** `CREATE_NEW_REPORT`: each refresh has a folder of its own. */
  run?: string;
}

/** An AWS data export of FOCUS rows: one CSV per part and the manifest that names them. */
export function awsExport(parts: readonly (readonly BillLine[] | string)[], options: ExportOptions = {}) {
  const { prefix = "exports", name = "cur", period = "2024-09", run } = options;
  const below = run === undefined ? "" : `${run}/`;
  const files = parts.map(
    (part, index) =>
      [
        `${prefix}/${name}/data/BILLING_PERIOD=${period}/${below}${name}-${String(index + 1).padStart(5, "0")}.csv`,
        typeof part === "string" ? part : focusCsv(part),
      ] as const,
  );
  const manifest = `${prefix}/${name}/metadata/BILLING_PERIOD=${period}/${below}${name}-Manifest.json`;
  return {
    parts: Object.fromEntries(files),
    manifest,
    files: { ...Object.fromEntries(files), [manifest]: { dataFiles: files.map(([key]) => `s3://bill/${key}`) } },
  };
}
