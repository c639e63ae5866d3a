import { sqlText } from "../../../ports/sql-engine.ts";
import type { RawTable } from "../../input/raw-table.ts";
import { LISTS, SCALARS } from "./fields.ts";

/** A tree of DuckDB's `from_json` structure: a type name, a record, or a list of one record. */
type Structure = string | { [name: string]: Structure } | [Structure];

/** A JSON table with its top-level keys as columns; `row` is the typed record, every scalar as text. */
export function jsonTable(table: RawTable, keys: readonly string[]): RawTable {
  return {
    files: table.files,
    from: `(SELECT from_json("json", ${sqlText(JSON.stringify(structure()))}) AS "row", "json", filename FROM ${table.from})`,
    columns: keys.map((key) => ({
      header: key,
      ref: `json_extract_string("json", ${sqlText(pointer(key))})`,
      type: "VARCHAR",
    })),
  };
}

/** Expressions over `jsonTable` for the columns of `bill`. */
export function jsonColumns(): Record<string, string> {
  const scalars = Object.entries(SCALARS).map(([name, path]) => [name, access(path)]);
  const lists = Object.entries(LISTS).map(([name, { path }]) => [name, access(path)]);
  // As delivered, and read again only where there is something.
  const credits = `CASE WHEN len(${access(["credits"])}) > 0 THEN json_extract("json", '$.credits')::VARCHAR END`;
  return Object.fromEntries([...scalars, ...lists, ["credits_json", credits]]) as Record<string, string>;
}

/** What the control total reads: straight from the JSON text, not through the record (L1). */
export function jsonControlSelect(table: RawTable): string {
  return `SELECT filename AS source_file, raw[1] AS invoice_month, raw[2] AS usage_start_time, raw[3] AS currency, raw[4] AS cost, credit_amounts
    FROM (SELECT filename, json_extract_string("json", ['$.invoice.month', '$.usage_start_time', '$.currency', '$.cost']) AS raw,
      json_extract_string("json", '$.credits[*].amount') AS credit_amounts FROM ${table.from})`;
}

function access(path: readonly string[]): string {
  return path.reduce((expression, name) => `struct_extract(${expression}, ${sqlText(name)})`, `"row"`);
}

/** JSON pointer (RFC 6901): keys may hold dots and quotes. */
function pointer(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function structure(): Structure {
  const root: { [name: string]: Structure } = {};
  for (const path of Object.values(SCALARS)) place(root, path, "VARCHAR");
  for (const { path, members } of Object.values(LISTS)) {
    place(root, path, [Object.fromEntries(members.map((member) => [member, "VARCHAR"]))]);
  }
  return root;
}

function place(root: { [name: string]: Structure }, path: readonly string[], leaf: Structure): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    root[name] = leaf;
    return;
  }
  const inner = root[name];
  const record = typeof inner === "object" && !Array.isArray(inner) ? inner : {};
  root[name] = record;
  place(record, rest, leaf);
}
