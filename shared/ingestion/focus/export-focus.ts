import { GenOpsError } from "../../core/errors.ts";
import { type SqlEngine, sqlName, sqlText } from "../../ports/sql-engine.ts";
import { downConvertSql } from "./down-convert.ts";
import type { SelectedColumn } from "./schema.ts";
import type { ExportVersion } from "./versions.ts";

/**
 * Writes FOCUS rows as a file of an older or the same version (DN-1, DN-2): Parquet with exact types, or CSV (`.csv`, `.csv.gz`) with dates
 * as `2024-09-01T00:00:00Z` (X-2), decimals in plain notation without trailing zeros (X-1), empty cells for null (X-3), and text that a
 * spreadsheet would run as a formula made harmless by a leading `'`. Other file names are a `usage` error. Returns the number of rows.
 */
export async function exportFocus(
  engine: SqlEngine,
  relation: string,
  version: ExportVersion,
  file: string,
): Promise<number> {
  const options = formatOf(file);
  const rows = downConvertSql(
    relation,
    (await describe(engine, `SELECT * FROM ${relation}`)).map(({ name }) => name),
    version,
  );
  const select = options.csv ? csvSql(rows, await describe(engine, rows)) : rows;
  await engine.run(`COPY (${select}) TO ${sqlText(file)} (${options.copy})`);
  const [count = {}] = await engine.query(`SELECT count(*) AS n FROM ${relation}`);
  return Number(count["n"]);
}

function formatOf(file: string): { csv: boolean; copy: string } {
  const name = file.toLowerCase();
  if (name.endsWith(".parquet")) return { csv: false, copy: "FORMAT parquet, COMPRESSION zstd" };
  if (name.endsWith(".csv")) return { csv: true, copy: "FORMAT csv, HEADER" };
  if (name.endsWith(".csv.gz")) return { csv: true, copy: "FORMAT csv, HEADER, COMPRESSION gzip" };
  throw new GenOpsError("usage", `cannot write ${file}: the name must end in .csv, .csv.gz or .parquet`);
}

async function describe(engine: SqlEngine, select: string): Promise<SelectedColumn[]> {
  const rows = await engine.query(`DESCRIBE ${select}`);
  return rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
}

function csvSql(rows: string, columns: readonly SelectedColumn[]): string {
  const cells = columns.map(({ name, type }) => `${cell(`r.${sqlName(name)}`, type)} AS ${sqlName(name)}`);
  return `SELECT ${cells.join(", ")} FROM (${rows}) AS r`;
}

function cell(ref: string, type: string): string {
  if (/^DECIMAL\(\d+,[1-9]\d*\)$/.test(type)) return plainDecimal(ref);
  if (type.startsWith("TIMESTAMP")) return `strftime(${ref}, '%Y-%m-%dT%H:%M:%SZ')`;
  return type === "VARCHAR" ? withoutFormula(ref) : ref;
}

/** The text of a decimal always has a point here, so only zeros of the fraction can be cut. */
function plainDecimal(ref: string): string {
  return `rtrim(rtrim(${ref}::VARCHAR, '0'), '.')`;
}

/**
 * Spreadsheets run cells that begin with `=`, `+`, `-`, `@`, tab or carriage return. A plain number is left alone.
 * A pattern and no IN list: the engine makes a join of each IN list, and a hundred joins (one per column) exhaust its memory.
 */
function withoutFormula(ref: string): string {
  const formula = `regexp_matches(${ref}, '^[=+@\\t\\r-]')`;
  const number = `regexp_full_match(${ref}, '[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?')`;
  return `CASE WHEN ${formula} AND NOT ${number} THEN '''' || ${ref} ELSE ${ref} END`;
}
