import { FOCUS_COLUMNS, type FocusColumn } from "./schema.ts";

/** Versions that are read (UP). */
export const FOCUS_VERSIONS = ["1.0", "1.1", "1.2", "1.3", "1.4"] as const;
export type FocusVersion = (typeof FOCUS_VERSIONS)[number];

/** Versions that are written (DN). */
export const EXPORT_VERSIONS = ["1.0", "1.2", "1.4"] as const;
export type ExportVersion = (typeof EXPORT_VERSIONS)[number];

/** Columns of 1.0 to 1.3 that 1.4 removed. */
export const REMOVED_COLUMNS = ["ProviderName", "PublisherName"] as const;

/**
 * UP-1: the version of a file: what the configuration or a manifest says (`1.0r2`, `1.2-preview` are 1.0 and 1.2), else what its columns
 * show. BillingAccountType alone proves nothing (Azure 1.0r2 has it).
 */
export function detectVersion(headers: readonly string[], stated?: string): FocusVersion {
  const said = FOCUS_VERSIONS.find((version) => stated?.replace(/^v/i, "").startsWith(version) ?? false);
  if (said !== undefined) return said;
  const names = new Set(headers.map((header) => header.toLowerCase()));
  if (names.has("serviceprovidername")) return names.has("providername") ? "1.3" : "1.4";
  if (names.has("invoiceid")) return "1.2";
  if (names.has("servicesubcategory") || names.has("skumeter")) return "1.1";
  return "1.0";
}

/** Whether a version has a column. Columns from before 1.0 (`0.5`, `1.0-preview`) are in all of them. */
export function isInVersion(column: FocusColumn, version: FocusVersion): boolean {
  const introduced = FOCUS_VERSIONS.find((known) => known === column.introducedIn) ?? "1.0";
  return introduced <= version;
}

/** Columns that every file of a version must have, in the spelling of the specification. */
export function mandatoryColumns(version: FocusVersion): string[] {
  const providers = version < "1.3" ? REMOVED_COLUMNS : [];
  return [
    ...FOCUS_COLUMNS.filter((column) => column.featureLevel === "mandatory" && isInVersion(column, version)).map(
      ({ name }) => name,
    ),
    ...providers,
  ];
}
