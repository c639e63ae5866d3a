import { type SqlEngine, sqlName } from "../../ports/sql-engine.ts";
import type { RawColumn, RawTable } from "./raw-table.ts";

export interface BillColumns {
  /** Columns the mapping reads; a file that lacks one gives NULL::VARCHAR. */
  expected: readonly string[];
  /** The expected name of a delivered header, or `undefined` when the mapping does not read it under a fixed name. */
  canonical: (header: string) => string | undefined;
  /** Further columns per raw table (tag maps, families): name → SQL over the table. */
  derived?: (table: RawTable) => Readonly<Record<string, string>>;
}

/**
 * Creates the view `bill`: every file under the names that `mapping.sql` reads, all VARCHAR, plus `source_file`.
 * Where two headers mean the same expected column, the first non-null wins.
 */
export async function createBillView(
  engine: SqlEngine,
  tables: readonly RawTable[],
  columns: BillColumns,
): Promise<void> {
  const selects = tables.map((table) => selectFrom(table, columns));
  await engine.run(`CREATE OR REPLACE VIEW bill AS ${selects.join("\nUNION ALL BY NAME\n")}`);
}

function selectFrom(table: RawTable, columns: BillColumns): string {
  const delivered = new Map<string, string[]>();
  for (const column of table.columns) {
    const name = columns.canonical(column.header);
    if (name === undefined) continue;
    delivered.set(name, [...(delivered.get(name) ?? []), asText(column)]);
  }
  const fixed = columns.expected.map((name) => `${oneOf(delivered.get(name))} AS ${sqlName(name)}`);
  const derived = Object.entries(columns.derived?.(table) ?? {}).map(([name, sql]) => `${sql} AS ${sqlName(name)}`);
  return `SELECT ${[...fixed, ...derived, "filename AS source_file"].join(",\n  ")}\nFROM ${table.from}`;
}

function oneOf(refs: readonly string[] | undefined): string {
  if (refs === undefined) return "NULL::VARCHAR";
  return refs.length === 1 ? (refs[0] as string) : `coalesce(${refs.join(", ")})`;
}

/** Text of a delivered value: nested values as JSON, floats in their shortest form, decimals without trailing zeros, the words of X-3 as null. */
export function asText(column: Pick<RawColumn, "ref" | "type" | "nullWords">): string {
  const { ref, type } = column;
  if (type === "VARCHAR")
    return column.nullWords === true ? `CASE WHEN ${ref} NOT IN ('', 'NULL', 'null') THEN ${ref} END` : ref;
  if (/STRUCT|MAP|\[\]|^LIST|JSON/.test(type)) return `to_json(${ref})::VARCHAR`;
  if (/^DECIMAL\(\d+,[1-9]\d*\)$/.test(type)) return `rtrim(rtrim(${ref}::VARCHAR, '0'), '.')`;
  return `${ref}::VARCHAR`;
}
