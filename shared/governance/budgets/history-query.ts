import { addDays, type Day } from "../../core/period.ts";
import { sqlName, sqlText } from "../../ports/sql-engine.ts";
import { categorySql } from "./cost-query.ts";
import type { Cover, Measure } from "./shapes.ts";

/** Days before today that a forecast learns from: sixteen weeks, in which every day of the month comes three times. */
export const HISTORY_DAYS = 112;

/** What is bought or taxed comes on known days; it is forecast apart from what is used. */
const RECURRING = ["Purchase", "Tax"];

export function historyStart(today: Day): Day {
  return addDays(today, -HISTORY_DAYS);
}

/**
 * Daily costs as numbers, one row per combination of the cover's dimensions: `provider`, `currency`, whether it is metered and whether it
 * recurs, the dimensions, the days since `historyStart` and for each measure as many costs. Sums are made in decimals, so that the same rows
 * give the same numbers in whatever order they are read.
 */
export function historySql(cover: Cover, measures: readonly Measure[], cubeRelation: string, today: Day): string {
  const start = `DATE ${sqlText(historyStart(today))}`;
  const keys = [
    "provider AS k0",
    "currency AS k1",
    "CASE WHEN coalesce(metered, false) THEN 'metered' ELSE 'billed' END AS k2",
    `CASE WHEN charge_category IN (${RECURRING.map(sqlText).join(", ")}) THEN 'recurring' ELSE 'usage' END AS k3`,
    ...cover.dimensions.map((name, index) => `CAST(${sqlName(name)} AS VARCHAR) AS k${index + 4}`),
  ];
  const names = keys.map((_key, index) => `k${index}`).join(", ");
  const sums = measures.map((measure, index) => `sum(${sqlName(measure.cost)})${filterSql(measure)} AS m${index}`);
  const lists = measures.map((_measure, index) => `list(list_aggregate([coalesce(m${index}, 0)], 'avg')) AS m${index}`);
  return `SELECT ${names}, list((date - ${start})::DOUBLE) AS days, ${lists.join(", ")}
FROM (SELECT ${keys.join(", ")}, date, ${sums.join(", ")} FROM ${sqlName(cubeRelation)} WHERE date >= ${start} GROUP BY ALL)
GROUP BY ${names}`;
}

function filterSql(measure: Measure): string {
  const condition = categorySql(measure, "charge_category");
  return condition === "" ? "" : ` FILTER (${condition})`;
}
