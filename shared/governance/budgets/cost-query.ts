import { addDays, type Day, monthOf } from "../../core/period.ts";
import type { LagModel } from "../../ledger/completeness/lag-model.ts";
import { grownSql, SETTLED_GROWN, SETTLED_SURE, SETTLED_WORTH, sureSql } from "../../ledger/completeness/lag-sql.ts";
import { longestSettling, type SettledAfterDays } from "../../ledger/settledness.ts";
import { sqlName, sqlText } from "../../ports/sql-engine.ts";
import type { DayTable } from "./shapes.ts";
import { type Cover, coverOf, type Measure, type Shape, type ShapedInstances, type ShapeKey } from "./shapes.ts";
import type { BudgetInstance } from "./types.ts";

/** Beyond so many boundaries of old charge-date periods, days are kept apart instead of being put together between boundaries. */
const MAX_CUTS = 8;
const BEFORE_ALL = "DATE '0001-01-01'";

export interface CostQueryInput {
  instances: readonly BudgetInstance[];
  /** `shapeInstances(instances)`. */
  shaped: ShapedInstances;
  cubeRelation: string;
  settledAfterDays: SettledAfterDays;
  /** How complete unsettled days are. */
  lags: LagModel;
  today: Day;
  /** Whether other currencies can be converted; only then their days have to stay apart. */
  converts: boolean;
}

export interface CostQuery {
  sql: string;
  parameters: string[];
}

export type DaysInput = Omit<CostQueryInput, "converts">;

/** The first day that may be unsettled. Everything before it needs no days of its own. */
export function unsettledStart(settledAfterDays: SettledAfterDays, today: Day): Day {
  return addDays(today, -longestSettling(settledAfterDays));
}

/**
 * One statement for all budgets over what `withDayTables` has reduced: each shape joins its keys to the reduced rows, and the days of each
 * budget become one row per currency. Budgets go in as one JSON parameter, so their texts never meet the SQL.
 *
 * The answer has one row per budget and currency with sums of the period. `sure` is in hundredths, `grown` in thousandths: what of the
 * unsettled cost can be relied on, and what it is expected to end at. For a budget with rows in another currency the row also lists its days, so that the caller can convert each day and add up itself.
 */
export function costQuery(input: CostQueryInput, tables: readonly DayTable[]): CostQuery {
  const { shapes, keys } = input.shaped;
  const reductions = tables.flatMap((table) => reduceTable(input, shapes, table));
  const sql = `WITH
keys AS MATERIALIZED (SELECT unnest(from_json($1, ${sqlText(KEY_JSON)}), recursive := true)),
${reductions.map(({ name, sql: select }) => `${name} AS MATERIALIZED (${select})`).join(",\n")},
matched AS (
${shapes.map((shape, index) => matchSql(shape, index, reductions)).join("\nUNION ALL\n")}),
${ANSWER_SQL}`;
  return { sql, parameters: [keysParameter(input.instances, keys)] };
}

export function keysParameter(instances: readonly BudgetInstance[], keys: readonly ShapeKey[]): string {
  const periods = instances.map(({ budget, period, basis }) => ({
    own: budget.currency,
    first: period.start,
    past: period.end,
    first_month: basis === "billing" ? monthOf(period.start) : null,
    past_month: basis === "billing" ? monthOf(period.end) : null,
  }));
  return JSON.stringify(keys.map((key) => ({ ...key, ...periods[key.i] })));
}

/** Type of the JSON parameter: one key of one budget with the budget's period. */
export const KEY_JSON =
  '[{"s":"INTEGER","i":"INTEGER","v":["VARCHAR"],"own":"VARCHAR","first":"DATE","past":"DATE","first_month":"VARCHAR","past_month":"VARCHAR"}]';

/** Matched rows → one row per budget, currency, day and how sure its cost is → one row per budget and currency. */
const ANSWER_SQL = `daily AS MATERIALIZED (
  SELECT i, currency, day, ${sureSql("worth")} AS percent, sum(amount) AS amount,
    sum(CASE WHEN amount > 0 THEN amount * ${grownSql("worth")} ELSE amount * ${SETTLED_GROWN} END) AS grown
  FROM matched WHERE inside GROUP BY ALL),
foreigners AS (
  SELECT i FROM daily JOIN (SELECT DISTINCT i, own FROM keys) USING (i) GROUP BY i HAVING bool_or(currency <> own))
SELECT i, currency,
  sum(amount) FILTER (percent = ${SETTLED_SURE}) AS settled,
  sum(amount) FILTER (percent < ${SETTLED_SURE} AND amount > 0) AS positive,
  sum(amount) FILTER (percent < ${SETTLED_SURE} AND amount < 0) AS negative,
  sum(CASE WHEN amount > 0 THEN amount * percent ELSE amount * ${SETTLED_SURE} END) FILTER (percent < ${SETTLED_SURE}) AS sure,
  sum(grown) FILTER (percent < ${SETTLED_SURE}) AS grown,
  any_value(days) AS days
FROM daily
LEFT JOIN (
  SELECT i, currency, list({day: day, percent: percent, amount: amount, grown: grown}) AS days
  FROM daily WHERE i IN (FROM foreigners) GROUP BY ALL) USING (i, currency)
GROUP BY i, currency`;

/** Reduced rows of the cube, for some shapes. */
interface Reduction {
  name: string;
  sql: string;
  shapes: readonly Shape[];
}

/**
 * Rows that may be unsettled keep their days. Older ones only count as sums: those of the table, put together between the boundaries of
 * periods, and for periods that reach back further than the table, or have rows of earlier days, the same of the cube.
 */
function reduceTable(
  input: CostQueryInput,
  all: readonly Shape[],
  { name, start, cover, worth }: DayTable,
): Reduction[] {
  const unsettled = unsettledStart(input.settledAfterDays, input.today);
  const shapes = all.filter((shape) => cover.shapes.includes(shape));
  const recent = {
    name: `recent_${name}`,
    sql: `${recentSql(name, cover, worth)} WHERE day >= DATE ${sqlText(unsettled)}`,
    shapes,
  };
  const older = shapes.filter((shape) => reachesBefore(shape, unsettled));
  const oldest = Map.groupBy(older, (shape) => isLong(shape, start));
  return [
    recent,
    ...(older.length === 0
      ? []
      : [{ name: `older_${name}`, sql: olderSql(input, coverOf(older), name, unsettled), shapes: older }]),
    ...[...oldest].flatMap(([long, some]) =>
      some.some((shape) => reachesBefore(shape, start))
        ? [{ name: `oldest_${long}_${name}`, sql: oldestSql(input, coverOf(some), start), shapes: some }]
        : [],
    ),
  ];
}

function recentSql(table: string, cover: Cover, worth: string | undefined): string {
  const columns = [...cover.dimensions.map(dimensionColumn), ...measuresOf(cover).keys()];
  const asCube = worth === undefined ? table : `(SELECT *, day AS date FROM ${table})`;
  const own = worth === undefined ? "worth" : `${worth} AS worth`;
  return `SELECT ${["day", "month", "currency", own, ...columns].join(", ")} FROM ${asCube}`;
}

/** Whether a period begins before the day. */
function isLong({ fromDay, fromMonth }: Shape, day: Day): boolean {
  return (fromDay !== undefined && fromDay < day) || (fromMonth !== undefined && `${fromMonth}-01` < day);
}

/** Whether rows from before the day may count: those of a billing period may be of any day. */
function reachesBefore(shape: Shape, day: Day): boolean {
  return shape.fromMonth !== undefined || isLong(shape, day);
}

function olderSql(input: CostQueryInput, cover: Cover, table: string, before: Day): string {
  const columns = [...olderColumns(input, "day", before), "month", "currency", `${SETTLED_WORTH} AS worth`];
  const sums = [...measuresOf(cover).keys()].map((column) => `sum(${column}) AS ${column}`);
  const names = cover.dimensions.map(dimensionColumn);
  return `SELECT ${[...columns, ...names, ...sums].join(", ")} FROM ${table} WHERE ${neededSql(cover, before, { day: "day", month: "month" })} GROUP BY ALL`;
}

function oldestSql(input: CostQueryInput, cover: Cover, before: Day): string {
  const columns = [
    ...olderColumns(input, "date", before),
    "billing_period AS month",
    "currency",
    `${SETTLED_WORTH} AS worth`,
    ...reducedColumns(cover),
  ];
  const where = neededSql(cover, before, { day: "date", month: "billing_period" });
  return `SELECT ${columns.join(", ")} FROM ${sqlName(input.cubeRelation)} WHERE ${where} GROUP BY ALL`;
}

function olderColumns(input: CostQueryInput, day: string, before: Day): string[] {
  return [`${dayBucketSql(input, before, day)} AS day`];
}

function neededSql(cover: Cover, before: Day, names: { day: string; month: string }): string {
  const day = cover.shapes
    .flatMap(({ fromDay }) => (fromDay !== undefined && fromDay < before ? [fromDay] : []))
    .sort()[0];
  const month = cover.shapes.flatMap(({ fromMonth }) => fromMonth ?? []).sort()[0];
  const needed = [
    ...(day === undefined ? [] : [`${names.day} >= DATE ${sqlText(day)}`]),
    ...(month === undefined ? [] : [`${names.month} >= ${sqlText(month)}`]),
  ];
  return `${names.day} < DATE ${sqlText(before)} AND (${needed.join(" OR ")})`;
}

/** The cover's dimensions, and one sum for each measure that its shapes have; null where no row of a group counts. */
export function reducedColumns(cover: Cover): string[] {
  return [
    ...cover.dimensions.map((name) => `CAST(${sqlName(name)} AS VARCHAR) AS ${dimensionColumn(name)}`),
    ...[...measuresOf(cover)].map(
      ([column, measure]) => `sum(${sqlName(measure.cost)})${filterSql(measure)} AS ${column}`,
    ),
  ];
}

/** By the name of their column. */
export function measuresOf(cover: Cover): Map<string, Measure> {
  return new Map(cover.shapes.map(({ measure }) => [measureColumn(measure), measure]));
}

function filterSql(measure: Measure): string {
  const condition = categorySql(measure, "charge_category");
  return condition === "" ? "" : ` FILTER (${condition})`;
}

/**
 * Days before `start` are put together between the boundaries of charge-date periods: they only ever count as sums.
 * Days of a currency that may have to be converted keep apart, since each has its own rate.
 */
function dayBucketSql({ instances, converts }: CostQueryInput, start: Day, date: string): string {
  const charged = instances
    .filter(({ basis }) => basis === "charge")
    .flatMap(({ period }) => [period.start, period.end]);
  const cuts = [...new Set(charged.filter((day) => day < start))].sort().reverse();
  const [currency = "", ...others] = new Set(instances.map(({ budget }) => budget.currency));
  if (cuts.length > MAX_CUTS || (converts && others.length > 0)) return date;
  const branches = [
    ...(converts ? [`WHEN currency <> ${sqlText(currency)} THEN ${date}`] : []),
    ...cuts.map((cut) => `WHEN ${date} >= DATE ${sqlText(cut)} THEN DATE ${sqlText(cut)}`),
  ];
  return branches.length === 0 ? BEFORE_ALL : `CASE ${branches.join(" ")} ELSE ${BEFORE_ALL} END`;
}

/** Rows of one shape, one per day and values, joined to the budgets that accept those values. */
function matchSql(shape: Shape, s: number, reductions: readonly Reduction[]): string {
  const columns = shape.dimensions.map(dimensionColumn);
  const grouped = ["day", "month", "currency", "worth", ...columns].join(", ");
  const amount = measureColumn(shape.measure);
  const parts = reductions
    .filter(({ shapes }) => shapes.includes(shape))
    .map(({ name }) => `SELECT ${grouped}, ${amount} AS amount FROM ${name} WHERE ${amount} IS NOT NULL`);
  const on = [`k.s = ${s}`, ...columns.map((column, index) => `r.${column} IS NOT DISTINCT FROM k.v[${index + 1}]`)];
  return `SELECT k.i, r.day, r.currency, r.worth, r.amount,
  ${insideSql("day", "month")} AS inside
FROM (
  SELECT ${grouped}, sum(amount) AS amount FROM (${parts.join(" UNION ALL ")}) GROUP BY ALL) r
JOIN keys k ON ${on.join(" AND ")}`;
}

/** Whether a row counts in the period of key columns: by billing period where the key has months, else by charge date. */
export function insideSql(day: string, month: string): string {
  return `CASE WHEN first_month IS NULL THEN ${day} >= first AND ${day} < past ELSE ${month} >= first_month AND ${month} < past_month END`;
}

/** Condition over a category column: which rows a measure counts. Empty when it counts all. */
export function categorySql({ include, exclude }: Measure, column: string): string {
  const texts = (values: readonly string[]) => values.map(sqlText).join(", ");
  return [
    ...(include.length === 0 ? [] : [`${column} IN (${texts(include)})`]),
    ...(exclude.length === 0 ? [] : [`${column} NOT IN (${texts(exclude)})`]),
  ].join(" AND ");
}

/** Prefixed, so that a scope over `date` or `rows` does not hide a column of ours. */
export function dimensionColumn(dimension: string): string {
  return sqlName(`d_${dimension}`);
}

export function measureColumn({ cost, include, exclude }: Measure): string {
  return sqlName(`sum ${JSON.stringify([cost, include, exclude])}`);
}
