import type { Month } from "../../core/period.ts";
import type { TableColumn } from "../tables/bigquery-table.ts";
import type { SqlDialect } from "./dialect.ts";

/** A table of bill rows that stay where they are, behind somebody else's SQL. */
export interface Warehouse {
  /** For people: `BigQuery table project.dataset.table`. */
  name: string;
  /** The table in a FROM clause. */
  from: string;
  columns: readonly TableColumn[];
  dialect: SqlDialect;
  /** Conditions that are true for all rows of a billing period and let the warehouse read less. */
  pruning(period: Month): readonly string[];
  /** Rows of one SELECT, by the lower-cased name of the column, all values as text. Capped. */
  query(what: string, sql: string): Promise<AsyncIterable<TextRow>>;
  /** What the queries so far have read and cost, in words. */
  summary(): string;
}

export type TextRow = ReadonlyMap<string, string | null>;
