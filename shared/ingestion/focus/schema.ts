import { readFileSync } from "node:fs";
import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import { sqlName } from "../../ports/sql-engine.ts";

const FocusColumnSchema = z.object({
  name: z.string(),
  type: z.enum(["string", "decimal", "datetime", "json"]),
  allowNulls: z.boolean(),
  featureLevel: z.enum(["mandatory", "conditional", "recommended"]),
  allowedValues: z.array(z.string()).nullable(),
  columnType: z.string(),
  introducedIn: z.string(),
  deprecated: z.string().nullable(),
  condition: z.string().optional(),
  valueFormat: z.string().optional(),
  numberRange: z.string().optional(),
  /** ServiceSubcategory: category → its subcategories. */
  parentValues: z.record(z.string(), z.array(z.string())).optional(),
  note: z.string().optional(),
});

/** One column of FOCUS 1.4 Cost and Usage, as `columns.json` describes it. */
export type FocusColumn = Readonly<z.infer<typeof FocusColumnSchema>>;

/** The 65 columns of FOCUS 1.4, by name. */
export const FOCUS_COLUMNS: readonly FocusColumn[] = z
  .array(FocusColumnSchema)
  .length(65)
  .parse(JSON.parse(readFileSync(new URL("columns.json", import.meta.url), "utf8")));

const BY_LOWER_NAME = new Map(FOCUS_COLUMNS.map((column) => [column.name.toLowerCase(), column]));
const BY_SNAKE_NAME = new Map(FOCUS_COLUMNS.map((column) => [snakeCase(column.name), column]));

/** `ServiceName` → `service_name`. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

/** The column of a name in any case: `servicename`, `ServiceName`. */
export function focusColumn(name: string): FocusColumn | undefined {
  return BY_LOWER_NAME.get(name.toLowerCase());
}

/** The column of a snake_case name: `service_name` → ServiceName. */
export function focusColumnOfSnakeCase(name: string): FocusColumn | undefined {
  return BY_SNAKE_NAME.get(name);
}

/** a column of our own or of a provider. */
export function isCustomColumn(name: string): boolean {
  return name.startsWith("x_");
}

export type FocusSqlType = "VARCHAR" | "DECIMAL(38,18)" | "TIMESTAMP";

const SQL_TYPES: Readonly<Record<FocusColumn["type"], FocusSqlType>> = {
  string: "VARCHAR",
  decimal: "DECIMAL(38,18)",
  datetime: "TIMESTAMP",
  json: "VARCHAR",
};

export function sqlType(column: FocusColumn): FocusSqlType {
  return SQL_TYPES[column.type];
}

/** A column that a SELECT gives: name and engine type, as `DESCRIBE` tells them. */
export interface SelectedColumn {
  name: string;
  type: string;
}

/**
 * Completes a mapping to whole FOCUS rows: all 65 columns in the order of `columns.json` with their exact types (absent ones are NULL), then
 * the `x_` columns as they are. Any other column is refused, so that a misspelt name cannot lose data.
 */
export function focusRowsSql(mapping: string, available: readonly SelectedColumn[]): string {
  const selected = new Map<string, SelectedColumn>();
  const custom: string[] = [];
  const unknown: string[] = [];
  for (const column of available) {
    const focus = focusColumn(column.name);
    if (focus !== undefined) selected.set(focus.name, column);
    else if (isCustomColumn(column.name)) custom.push(sqlName(column.name));
    else unknown.push(column.name);
  }
  if (unknown.length > 0) {
    throw new GenOpsError("refused", `no FOCUS 1.4 column: ${unknown.join(", ")}; columns of your own begin with x_`);
  }
  const columns = FOCUS_COLUMNS.map(
    (column) => `${cellOf(column, selected.get(column.name))} AS ${sqlName(column.name)}`,
  );
  return `SELECT\n  ${[...columns, ...custom].join(",\n  ")}\nFROM (\n${mapping}\n) AS mapped`;
}

function cellOf(column: FocusColumn, selected: SelectedColumn | undefined): string {
  if (selected === undefined) return `NULL::${sqlType(column)}`;
  const ref = `mapped.${sqlName(selected.name)}`;
  if (selected.type === sqlType(column)) return ref;
  switch (column.type) {
    case "decimal":
      return decimalOf(ref, selected.type);
    case "datetime":
      return instantOf(ref, selected.type);
    case "json":
      return isNested(selected.type) ? `to_json(${ref})::VARCHAR` : `${ref}::VARCHAR`;
    case "string":
      return `${ref}::VARCHAR`;
  }
}

/** integers and short decimals convert exactly; everything else passes through its text, so that no value is rounded half-up. */
function decimalOf(ref: string, type: string): string {
  const exact = /^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT)$/.test(type);
  const scale = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (exact || (scale !== undefined && Number(scale) <= 18)) return `${ref}::DECIMAL(38,18)`;
  return `money(${ref}::VARCHAR)`;
}

function instantOf(ref: string, type: string): string {
  if (type === "TIMESTAMP WITH TIME ZONE") return `${ref} AT TIME ZONE 'UTC'`;
  if (type.startsWith("TIMESTAMP") || type === "DATE") return `${ref}::TIMESTAMP`;
  return `instant(${ref}::VARCHAR)`;
}

function isNested(type: string): boolean {
  return /^(STRUCT|MAP|UNION)\b|\[\d*\]$|^JSON$/.test(type);
}
