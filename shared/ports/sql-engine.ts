/** A value as the engine returns it: decimals, 64-bit integers, dates and timestamps arrive as text, so that nothing is rounded. */
export type SqlValue = null | boolean | number | string | readonly SqlValue[] | { readonly [key: string]: SqlValue };
export type SqlRow = Record<string, SqlValue>;

/** One row of `queryLists`: its columns by kind, each in the order of the SELECT. */
export interface SqlLists {
  texts: (string | null)[];
  lists: Float64Array[];
}

/**
 * The embedded query engine (DuckDB's SQL dialect). One engine is one private in-memory database with a temporary folder to spill into.
 * Beside plain SQL it has the exact money functions that mappings use (rounding half-even, `shared/core/decimal.ts` behind them):
 * - `money(text)`: text → DECIMAL(38,18); plain or exponent notation; anything else is an error
 * - `instant(text)`: text → TIMESTAMP in UTC; ISO forms, zone optional
 * - `times(a, b)`, `over(a, b)`, `times_over(a, b, c)` = a × b ÷ c: DECIMAL(38,18), rounded once
 */
export interface SqlEngine {
  /** Runs statements without an answer. */
  run(sql: string): Promise<void>;
  /** Rows of one SELECT; `parameters` bind `$1`, `$2`, … as text. */
  query(sql: string, parameters?: readonly string[]): Promise<SqlRow[]>;
  /**
   * For statistics over more numbers than rows as objects can carry: every list of DOUBLE in a row arrives as a typed array (NULL as NaN),
   * every other column, which must be VARCHAR, as text.
   */
  queryLists(sql: string): Promise<SqlLists[]>;
  /** Frees the database. Later calls fail. */
  close(): Promise<void>;
}

/** `'it''s'`: a text literal. */
export function sqlText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** `"a ""b"""`: an identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
