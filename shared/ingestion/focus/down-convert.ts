import { sqlName, sqlText } from "../../ports/sql-engine.ts";
import { FOCUS_COLUMNS, type FocusColumn, isCustomColumn } from "./schema.ts";
import { type ExportVersion, isInVersion } from "./versions.ts";

/** DN-2: columns that 1.0 lacks and under which `x_` name their values survive. */
const SURVIVORS: Readonly<Record<string, string>> = {
  InvoiceId: "x_InvoiceId",
  SkuMeter: "x_SkuMeterName",
  PricingCurrency: "x_PricingCurrency",
};

/**
 * FOCUS 1.4 rows as an older version's (DN-1, DN-2). Columns are in alphabetical order, then the `x_` columns. Cells that the up-conversion
 * filled (`x_CostFilled`, `x_Filled`) become empty again, and values it spelled right (`x_Respelled`) are as they were, so that reading 1.0 and
 * writing 1.0 gives the delivered cells.
 * `columns` are the relation's columns.
 */
export function downConvertSql(relation: string, columns: readonly string[], version: ExportVersion): string {
  const given = new Set(columns);
  const kept = FOCUS_COLUMNS.filter((column) => isInVersion(column, version)).map((column) => ({
    name: column.name,
    sql: version === "1.4" ? sqlName(column.name) : delivered(column, given),
  }));
  const removed = version === "1.4" ? [] : removedColumns(given);
  const survivors =
    version === "1.0" ? Object.entries(SURVIVORS).map(([name, custom]) => survivor(name, custom, given)) : [];
  const replaced = new Set(survivors.map(({ name }) => name));
  const custom = columns
    .filter((name) => isCustomColumn(name) && !replaced.has(name))
    .map((name) => ({ name, sql: sqlName(name) }));
  const focus = [...kept, ...removed].sort((a, b) => (a.name < b.name ? -1 : 1));
  const selected = [...focus, ...custom, ...survivors].map(({ name, sql }) => `${sql} AS ${sqlName(name)}`);
  return `SELECT\n  ${selected.join(",\n  ")}\nFROM ${relation}`;
}

function delivered(column: FocusColumn, given: ReadonlySet<string>): string {
  const notes = (["x_CostFilled", "x_Filled"] as const).filter((name) => given.has(name));
  const cases = notes.map(
    (note) =>
      `WHEN ${note} IS NOT NULL AND list_contains(string_split(${note}, ','), ${sqlText(column.name)}) THEN NULL`,
  );
  if (column.allowedValues !== null && given.has("x_Respelled")) {
    const pattern = sqlText(`(?:^|\\|)${column.name}=([^|]*)`);
    cases.push(
      `WHEN x_Respelled IS NOT NULL AND regexp_matches(x_Respelled, ${pattern}) THEN regexp_extract(x_Respelled, ${pattern}, 1)`,
    );
  }
  const name = sqlName(column.name);
  return cases.length === 0 ? name : `CASE ${cases.join(" ")} ELSE ${name} END`;
}

/** DN-1. A row that came from 1.0 to 1.2 gets exactly what it had; the marker is ProviderName, which is never null there. */
function removedColumns(given: ReadonlySet<string>): { name: string; sql: string }[] {
  const host = "CASE WHEN HostProviderName = 'Not Applicable' THEN ServiceProviderName ELSE HostProviderName END";
  const provider = given.has("x_SourceProviderName") ? "x_SourceProviderName" : undefined;
  const publisher = given.has("x_SourcePublisherName") ? "x_SourcePublisherName" : undefined;
  return [
    { name: "ProviderName", sql: provider === undefined ? host : `coalesce(${provider}, ${host})` },
    { name: "PublisherName", sql: publisherSql(provider, publisher) },
  ];
}

function publisherSql(provider: string | undefined, publisher: string | undefined): string {
  if (publisher === undefined) return "ServiceProviderName";
  if (provider === undefined) return `coalesce(${publisher}, ServiceProviderName)`;
  return `CASE WHEN ${provider} IS NULL THEN coalesce(${publisher}, ServiceProviderName) ELSE ${publisher} END`;
}

function survivor(name: string, custom: string, given: ReadonlySet<string>): { name: string; sql: string } {
  return { name: custom, sql: given.has(custom) ? `coalesce(${custom}, ${name})` : name };
}
