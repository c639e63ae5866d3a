import type { CostBasis } from "../config/types.ts";
import { divide, formatDecimal, fromInteger, parseDecimal } from "../core/decimal.ts";
import { GenOpsError } from "../core/errors.ts";
import { type MoneyText, moneyText, totalsByCurrency } from "../core/money.ts";
import { dayOf, type Period } from "../core/period.ts";
import { focusColumnOfSnakeCase } from "../ingestion/focus/schema.ts";
import { type SqlRow, sqlName, sqlText } from "../ports/sql-engine.ts";
import { completenessText } from "./completeness/completeness.ts";
import { type DescribedLag, describeLags } from "./completeness/describe-lags.ts";
import { type LagModel, NO_LAGS } from "./completeness/lag-model.ts";
import { grownSql, type LagSql, lagSql, SETTLED_GROWN, SETTLED_WORTH } from "./completeness/lag-sql.ts";
import { CUBE_DIMENSIONS } from "./cube.ts";
import { DIMENSION_SQL } from "./dimensions.ts";
import { type CostsQuery, type OpenCostsDeps, openCube, openRows } from "./open-costs.ts";
import type { CommittedVersion } from "./versions.ts";

export interface ReportQuery extends CostsQuery {
  /** `provider`, `date`, `month`, allocation dimensions, cube dimensions or any snake_case FOCUS column. */
  by: readonly string[];
  period: Period;
  cost: CostBasis;
  settledAfterDays: Readonly<Record<string, number>>;
  /** How complete unsettled days are. Default: what is believed of every provider. */
  lags?: LagModel | undefined;
  /** The evaluation clock: how old a day is. */
  now: Date;
}

export interface ReportRow {
  keys: Record<string, string | null>;
  currency: string;
  /** Decimal text. */
  amount: string;
  /** The part of `amount` whose days are old enough not to move any more; equal to it when all is settled. */
  settled: string;
  /** What `amount` is expected to be once the days that are over are complete; equal to it when all is settled. */
  expected: string;
  /** `amount` ÷ `expected`: 0.93 where 7 % are still to come. */
  completeness: string;
  rows: number;
}

/** JSON of `genops report`. Currencies are never added. */
export interface Report {
  period: { start: string; end: string };
  /** Knowledge time of the answer. */
  asOf: string;
  cost: CostBasis;
  by: readonly string[];
  rows: ReportRow[];
  totals: MoneyText[];
  /** How days of the providers fill up, where the period has unsettled days. */
  lags?: DescribedLag[];
  /** Keys of documents that nothing could be learnt from about this, because they cannot be read. */
  unreadable?: readonly string[];
  /** Sources whose rows stay in place: `asOf` reaches their daily sums, not their rows. */
  inPlace?: { source: string; at: string }[];
}

const COST_COLUMNS: Readonly<Record<CostBasis, string>> = {
  billed: "BilledCost",
  effective: "EffectiveCost",
  list: "ListCost",
  contracted: "ContractedCost",
};
const ALLOCATED = ["team", "project", "environment", "cost_center"];

/** Costs of a period grouped by dimensions. Reads the cube when it has all of them, the rows otherwise. */
export async function reportCosts(deps: OpenCostsDeps, query: ReportQuery): Promise<Report> {
  const inCube = query.by.every((name) => name === "month" || isCubeDimension(name, query.scopeColumns));
  const lag = lagSql(query.lags ?? NO_LAGS, query.settledAfterDays, dayOf(query.now));
  const { select, versions } = inCube ? await cubeSelect(deps, query, lag) : await rowsSelect(deps, query, lag);
  const keys = query.by.map((_name, index) => `k${index}`);
  const found = await deps.engine.query(
    `${lag.table === undefined ? "" : `WITH ${lag.table} `}SELECT ${[...keys, "currency"].join(", ")}, coalesce(sum(amount), 0) AS amount,
       coalesce(sum(amount) FILTER (settled), 0) AS settled, sum(rows)::BIGINT AS rows,
       coalesce(sum(CASE WHEN amount > 0 THEN amount * ${grownSql("worth")} ELSE amount * ${SETTLED_GROWN} END), 0) AS grown,
       list(DISTINCT provider) FILTER (NOT settled) AS unsettled
     FROM (${select}) GROUP BY ALL
     ORDER BY ${(query.by.some(isTime) ? [...keys, "currency"] : ["currency", "amount DESC", ...keys]).join(", ")}`,
  );
  const rows = found.map((row) => reportRow(row, query.by));
  const totals = totalsByCurrency(rows.map(({ currency, amount }) => ({ currency, amount: parseDecimal(amount) })));
  return {
    period: { start: query.period.start, end: query.period.end },
    asOf: (query.asOf ?? query.now).toISOString(),
    cost: query.cost,
    by: query.by,
    rows,
    totals: totals.map(moneyText),
    ...lagsOf(found, query),
    ...placesOf(versions),
  };
}

function lagsOf(
  found: readonly SqlRow[],
  { lags = NO_LAGS, settledAfterDays }: ReportQuery,
): Pick<Report, "lags" | "unreadable"> {
  const unsettled = found.flatMap((row) => (Array.isArray(row["unsettled"]) ? row["unsettled"].map(String) : []));
  if (unsettled.length === 0) return {};
  const { unreadable } = lags;
  return {
    lags: describeLags(lags, settledAfterDays, unsettled),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

function placesOf(versions: readonly CommittedVersion[]): Pick<Report, "inPlace"> {
  const places = new Map(
    versions.flatMap(({ source, inPlace }) => (inPlace === undefined ? [] : [[source, inPlace.at] as const])),
  );
  return places.size === 0 ? {} : { inPlace: [...places].map(([source, at]) => ({ source, at })) };
}

interface Selected {
  select: string;
  versions: readonly CommittedVersion[];
}

function isTime(name: string): boolean {
  return name === "date" || name === "month" || name === "billing_period";
}

function isCubeDimension(name: string, scopeColumns: readonly string[]): boolean {
  return (CUBE_DIMENSIONS as readonly string[]).includes(name) || scopeColumns.includes(name);
}

async function cubeSelect(deps: OpenCostsDeps, query: ReportQuery, lag: LagSql): Promise<Selected> {
  const versions = await openCube(deps, query);
  const keys = query.by.map(
    (name, index) => `${name === "month" ? "strftime(date, '%Y-%m')" : sqlName(name)}::VARCHAR AS k${index}`,
  );
  const columns = [...keys, "currency", `${query.cost} AS amount`, ...lagColumns(lag), "provider", "rows"];
  const select = `SELECT ${columns.join(", ")} FROM ${lag.join("cube")} WHERE ${inPeriod(query.period, "date")}`;
  return { select, versions };
}

async function rowsSelect(deps: OpenCostsDeps, query: ReportQuery, lag: LagSql): Promise<Selected> {
  const keys = query.by.map((name, index) => `(${rowDimension(name)})::VARCHAR AS k${index}`);
  const versions = await openRows(deps, query, query.by.flatMap(rowColumn));
  const counted = versions.some(({ inPlace }) => inPlace !== undefined) ? "coalesce(x_Rows::BIGINT, 1)" : "1";
  const plain = `SELECT ${[
    ...keys,
    "BillingCurrency AS currency",
    `${COST_COLUMNS[query.cost]} AS amount`,
    `${DIMENSION_SQL["date"]} AS date`,
    `${DIMENSION_SQL["provider"]} AS provider`,
    `${DIMENSION_SQL["service"]} AS service`,
    `${DIMENSION_SQL["metered"]} AS metered`,
    `${counted} AS rows`,
  ].join(", ")} FROM cost_rows WHERE ${inPeriod(query.period, "ChargePeriodStart")}`;
  const columns = [
    ...keys.map((_key, index) => `k${index}`),
    "currency",
    "amount",
    ...lagColumns(lag),
    "provider",
    "rows",
  ];
  const select = `SELECT ${columns.join(", ")} FROM ${lag.join(`(${plain})`)}`;
  return { select, versions };
}

/** Cube and rows agree: a billing period counts when its first day is in the period. */
function inPeriod({ start, end, basis }: Period, charged: string): string {
  const value = basis === "billing" ? "(billing_period || '-01')::DATE" : charged;
  return `${value} >= DATE ${sqlText(start)} AND ${value} < DATE ${sqlText(end)}`;
}

function lagColumns({ worth }: LagSql): string[] {
  return [`${worth} AS worth`, `worth = ${SETTLED_WORTH} AS settled`];
}

/** The FOCUS column that a dimension needs beyond what every daily group keeps apart. */
function rowColumn(name: string): string[] {
  const always = Object.hasOwn(DIMENSION_SQL, name) || ALLOCATED.includes(name) || name === "source";
  const column = always ? undefined : focusColumnOfSnakeCase(name)?.name;
  return column === undefined ? [] : [column];
}

function rowDimension(name: string): string {
  const known =
    (Object.hasOwn(DIMENSION_SQL, name) ? DIMENSION_SQL[name] : undefined) ??
    (ALLOCATED.includes(name) || name === "source" ? name : undefined);
  const focus = known === undefined ? focusColumnOfSnakeCase(name) : undefined;
  const column = focus?.type === "datetime" ? `strftime(${focus.name}, '%Y-%m-%dT%H:%M:%SZ')` : (known ?? focus?.name);
  if (column === undefined) {
    throw new GenOpsError(
      "usage",
      `unknown dimension "${name}"; use a snake_case FOCUS column (service_name, resource_id, …), date, month, provider, account, service, region, ${ALLOCATED.join(", ")}`,
    );
  }
  return column;
}

function reportRow(row: SqlRow, by: readonly string[]): ReportRow {
  const amount = parseDecimal(String(row["amount"]));
  const expected = divide(parseDecimal(String(row["grown"])), fromInteger(SETTLED_GROWN));
  return {
    keys: Object.fromEntries(
      by.map((name, index) => [name, row[`k${index}`] === null ? null : String(row[`k${index}`])]),
    ),
    currency: String(row["currency"]),
    amount: formatDecimal(amount),
    settled: formatDecimal(parseDecimal(String(row["settled"]))),
    expected: formatDecimal(expected),
    completeness: completenessText(amount, expected),
    rows: Number(row["rows"]),
  };
}
