import { type Month, monthDays } from "../../core/period.ts";
import type { TableColumn } from "../tables/bigquery-table.ts";

/** How a warehouse says what the queries in place need; SQL in, SQL out. */
export interface SqlDialect {
  quote(name: string): string;
  /** A value as text; lists, maps and records as JSON. */
  text(column: TableColumn): string;
  /** UTC day of an instant, as `2024-09-01`. */
  day(column: TableColumn): string;
  /** The instant lies in this calendar month, UTC. */
  inMonth(column: TableColumn, month: Month): string;
  /** A number as a decimal that adds up exactly; a float by its decimal text (X-1), never by its binary value. */
  decimal(sql: string, type: string): string;
  /** A decimal as text. */
  decimalText(sql: string): string;
  /** No text. */
  nullText: string;
  /** One list of credits as rows `c`, and their fields; undefined where no table has such a list. */
  credits?: { from: string; name: string; type: string; amount: string };
}

export const bigQueryDialect: SqlDialect = {
  quote: (name) => `\`${name.replaceAll("`", "")}\``,
  text(column) {
    const name = this.quote(column.name);
    // Of a record that is missing TO_JSON_STRING makes the word `null`.
    return isNested(column.type)
      ? `CASE WHEN ${name} IS NULL THEN NULL ELSE TO_JSON_STRING(${name}) END`
      : `CAST(${name} AS STRING)`;
  },
  day(column) {
    const name = this.quote(column.name);
    return isText(column.type) ? `SUBSTR(${name}, 1, 10)` : `CAST(CAST(${name} AS DATE) AS STRING)`;
  },
  inMonth(column, month) {
    return monthRange(this.quote(column.name), column.type, month);
  },
  decimal: (sql, type) =>
    /^(FLOAT64|STRING)/i.test(type) ? `CAST(CAST(${sql} AS STRING) AS BIGNUMERIC)` : `CAST(${sql} AS BIGNUMERIC)`,
  decimalText: (sql) => `CAST(${sql} AS STRING)`,
  nullText: "CAST(NULL AS STRING)",
  credits: { from: "UNNEST(x_Credits) AS c", name: "c.Name", type: "c.Type", amount: "c.Amount" },
};

/** Trino, as Athena's engine version 3 speaks it. */
export const athenaDialect: SqlDialect = {
  quote: (name) => `"${name.replaceAll('"', "")}"`,
  text(column) {
    const name = this.quote(column.name);
    return isNested(column.type) ? `JSON_FORMAT(CAST(${name} AS JSON))` : `CAST(${name} AS VARCHAR)`;
  },
  day(column) {
    const name = this.quote(column.name);
    return isText(column.type) ? `SUBSTR(${name}, 1, 10)` : `CAST(CAST(${name} AS DATE) AS VARCHAR)`;
  },
  inMonth(column, month) {
    return monthRange(this.quote(column.name), column.type, month);
  },
  decimal: (sql, type) =>
    /^(double|real|float|varchar|string)/i.test(type)
      ? `CAST(CAST(${sql} AS VARCHAR) AS DECIMAL(38, 18))`
      : `CAST(${sql} AS DECIMAL(38, 18))`,
  decimalText: (sql) => `CAST(${sql} AS VARCHAR)`,
  nullText: "CAST(NULL AS VARCHAR)",
};

function isNested(type: string): boolean {
  return /^(ARRAY|STRUCT|JSON|MAP|ROW)\b/i.test(type);
}

export function isText(type: string): boolean {
  return /^(STRING|VARCHAR|CHAR)\b/i.test(type);
}

/** Half-open, so that partitions and statistics are used. ISO texts compare like their instants. */
function monthRange(name: string, type: string, month: Month): string {
  const { start, end } = monthDays(month);
  const literal = (day: string) => {
    if (isText(type)) return `'${day}'`;
    return /^DATE\b/i.test(type) && !/^DATETIME/i.test(type) ? `DATE '${day}'` : `${kindOf(type)} '${day} 00:00:00'`;
  };
  return `${name} >= ${literal(start)} AND ${name} < ${literal(end)}`;
}

function kindOf(type: string): string {
  return /^DATETIME/i.test(type) ? "DATETIME" : "TIMESTAMP";
}
