import { addDays, type Day } from "../../core/period.ts";
import { sqlText } from "../../ports/sql-engine.ts";
import { dimensionColumn, measuresOf } from "./cost-query.ts";
import type { DayTable } from "./shapes.ts";

/** Days before today that a forecast learns from: sixteen weeks, in which every day of the month comes three times. */
export const HISTORY_DAYS = 112;

export function historyStart(today: Day): Day {
  return addDays(today, -HISTORY_DAYS);
}

/**
 * Daily costs as numbers, one row per combination of the table's dimensions: `provider`, `currency`, whether it is metered and whether it
 * recurs, the dimensions, the days since `historyStart` and for each measure as many costs. A day may come more than once. Sums were made
 * in decimals, and `avg` of one is the quickest way from a wide decimal to a number.
 */
export function historySql({ name, cover }: DayTable, today: Day): string {
  const start = `DATE ${sqlText(historyStart(today))}`;
  const keys = ["provider", "currency", "metered", "recurring", ...cover.dimensions.map(dimensionColumn)];
  const columns = [
    "provider",
    "currency",
    "CASE WHEN metered THEN 'metered' ELSE 'billed' END",
    "CASE WHEN recurring THEN 'recurring' ELSE 'usage' END",
    ...cover.dimensions.map(dimensionColumn),
    `list((day - ${start})::DOUBLE)`,
    ...[...measuresOf(cover).keys()].map((column) => `list(list_aggregate([coalesce(${column}, 0)], 'avg'))`),
  ];
  return `SELECT ${columns.join(", ")} FROM ${name} WHERE day >= ${start} GROUP BY ${keys.join(", ")}`;
}
