import { FOCUS_COLUMNS, sqlType } from "../ingestion/focus/schema.ts";
import { sqlName } from "../ports/sql-engine.ts";

/** A relation with the columns of the row files and no rows: what a new lake reads as. */
export const EMPTY_FOCUS_ROWS_SQL = `(SELECT ${[
  ...FOCUS_COLUMNS.map((column) => `NULL::${sqlType(column)} AS ${sqlName(column.name)}`),
  "NULL::VARCHAR AS x_CostSource",
  "NULL::VARCHAR AS source",
  "NULL::VARCHAR AS billing_period",
  "NULL::VARCHAR AS version",
].join(", ")} WHERE false)`;
