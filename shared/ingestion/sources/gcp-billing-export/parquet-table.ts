import { GenOpsError } from "../../../core/errors.ts";
import { sqlText } from "../../../ports/sql-engine.ts";
import type { RawTable } from "../../input/raw-table.ts";
import { LISTS, type ListField, SCALARS } from "./fields.ts";
import { type ParquetType, parseParquetType } from "./parquet-type.ts";

interface Found {
  expression: string;
  type: ParquetType;
}

/** Expressions over a Parquet table for the columns of `bill`: every scalar as text, every list as a list of records of text. */
export function parquetColumns(table: RawTable): Record<string, string> {
  const scalars = Object.entries(SCALARS).map(([name, path]) => [name, scalar(table, path)]);
  const lists = Object.entries(LISTS).map(([name, field]) => [name, list(table, field)]);
  const credits = list(table, LISTS["credits"] as ListField);
  const creditsJson = `CASE WHEN len(${credits}) > 0 THEN to_json(${credits})::VARCHAR END`;
  return Object.fromEntries([...scalars, ...lists, ["credits_json", creditsJson]]) as Record<string, string>;
}

/** What the control total reads. */
export function parquetControlSelect(table: RawTable): string {
  const credits = list(table, LISTS["credits"] as ListField);
  return `SELECT filename AS source_file, ${scalar(table, ["invoice", "month"])} AS invoice_month,
      ${scalar(table, ["usage_start_time"])} AS usage_start_time, ${scalar(table, ["currency"])} AS currency,
      ${scalar(table, ["cost"])} AS cost, list_transform(${credits}, lambda c: c.amount) AS credit_amounts
    FROM ${table.from}`;
}

function scalar(table: RawTable, path: readonly string[]): string {
  const found = find(table, path);
  if (found === undefined) return "NULL::VARCHAR";
  if (found.type.kind !== "scalar") throw wrongShape(table, path, "a single value");
  return `${found.expression}::VARCHAR`;
}

function list(table: RawTable, { path, members }: ListField): string {
  const empty = `[]::STRUCT(${members.map((member) => `${quoted(member)} VARCHAR`).join(", ")})[]`;
  const found = find(table, path);
  if (found === undefined) return empty;
  const { expression, item } = items(table, path, found);
  if (item.kind !== "struct") throw wrongShape(table, path, "a list of records");
  const packed = members.map((member) =>
    item.fields.has(member)
      ? `${quoted(member)} := item.${quoted(member)}::VARCHAR`
      : `${quoted(member)} := NULL::VARCHAR`,
  );
  return `list_transform(${expression}, lambda item: struct_pack(${packed.join(", ")}))`;
}

/** Lists come plain, or wrapped as BigQuery writes them: a record `list` of records `element`. */
function items(
  table: RawTable,
  path: readonly string[],
  { expression, type }: Found,
): { expression: string; item: ParquetType } {
  if (type.kind === "list") return { expression, item: type.item };
  const wrapped = type.kind === "struct" ? type.fields.get("list") : undefined;
  if (wrapped?.kind !== "list" || wrapped.item.kind !== "struct") throw wrongShape(table, path, "a list");
  const [name, item] = [...wrapped.item.fields][0] ?? [];
  if (name === undefined || item === undefined) throw wrongShape(table, path, "a list");
  return {
    expression: `list_transform(struct_extract(${expression}, 'list'), lambda w: struct_extract(w, ${sqlText(name)}))`,
    item,
  };
}

function find(table: RawTable, path: readonly string[]): Found | undefined {
  const [name, ...rest] = path;
  const column = table.columns.find(({ header }) => header.toLowerCase() === name);
  if (column === undefined) return undefined;
  let found: Found = { expression: column.ref, type: parseParquetType(column.type) };
  for (const step of rest) {
    if (found.type.kind !== "struct") throw wrongShape(table, path.slice(0, 1), "a record");
    const inner = found.type.fields.get(step);
    if (inner === undefined) return undefined;
    found = { expression: `struct_extract(${found.expression}, ${sqlText(step)})`, type: inner };
  }
  return found;
}

function wrongShape(table: RawTable, path: readonly string[], wanted: string): GenOpsError {
  const [file] = table.files;
  return new GenOpsError("refused", `${path.join(".")} is not ${wanted}`, {
    place: { ...(file === undefined ? {} : { file: file.name }), column: path.join(".") },
  });
}

function quoted(name: string): string {
  return `"${name}"`;
}
