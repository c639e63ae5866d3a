import type { AnomalyConfig } from "../../../config/types.ts";
import { type Decimal, divide, formatDecimal, formatFixed, parseDecimal, subtract } from "../../../core/decimal.ts";
import { type Day, dayOf } from "../../../core/period.ts";
import { HOURLY_DIMENSIONS } from "../../../ledger/hourly-costs.ts";
import { type SettledAfterDays, settledThrough } from "../../../ledger/settledness.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { findingKey } from "../../findings/finding-key.ts";
import { sensitivityOf } from "../feedback/sensitivity.ts";
import type { Feedback } from "../feedback/types.ts";
import { largestFirst } from "./largest-first.ts";
import { type CostPoint, type OverYesterday, overYesterday } from "./over-yesterday.ts";
import { cautious } from "./rises.ts";
import { type RuleObservation, ruleObservation, seriesName } from "./types.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface HourlyRuleInput {
  /** Relation with hourly costs (`ledger/hourly-costs.ts`). */
  hourlyRelation: string;
  config: AnomalyConfig;
  settledAfterDays: SettledAfterDays;
  feedback: readonly Feedback[];
  /** The first day that is judged. */
  judgedFrom: Day;
}

/**
 * The guide's CrossCloudCostAnomaly over hours: those above `ratio` × the same hour of the day before, for `forMinutes` in a row, by at least
 * the floor together. An hour in which a series has no rows, and one of a planned day, say nothing. Of a series and a day the largest run is
 * told. Only where the rules' dimensions are known by the hour.
 */
export async function hoursOverYesterday(
  engine: SqlEngine,
  input: HourlyRuleInput,
  now: Date,
): Promise<RuleObservation[]> {
  const { config } = input;
  if (!config.rulesBy.every((name) => HOURLY_DIMENSIONS.some((known) => known === name))) return [];
  if (config.rulesOff?.includes("over-yesterday") === true) return [];
  const rows = await engine.query(hoursSql(input, now));
  const series = Map.groupBy(rows, (row) =>
    JSON.stringify([row["currency"], ...config.rulesBy.map((_name, index) => row[`k${index}`])]),
  );
  const seen = [...series.values()].flatMap((group) => ofSeries(group, input, now));
  const largest = largestFirst(seen, ({ amount }) => amount);
  return [...Map.groupBy(largest, findingKey).values()].flatMap(([first]) => first ?? []);
}

/** The hours above `ratio` × those of the day before, of the series in which together they are above the floor. */
function hoursSql(
  { hourlyRelation, config: { overYesterday: rule, rulesBy }, judgedFrom }: HourlyRuleInput,
  now: Date,
): string {
  const keys = rulesBy.map((name, index) => `coalesce(${sqlName(name)}, '') AS k${index}`);
  const series = ["currency", ...rulesBy.map((_name, index) => `k${index}`)];
  const same = series.map((name) => `h.${name} = y.${name}`);
  const from = `TIMESTAMP ${sqlText(judgedFrom)}`;
  const end = `TIMESTAMP ${sqlText(now.toISOString().slice(0, 19))} - INTERVAL 1 HOUR`;
  return `WITH hours AS (
  SELECT hour, ${["currency", ...keys].join(", ")}, min(provider) AS one_provider, sum(effective) AS amount, sum(rows)::BIGINT AS row_count
  FROM ${sqlName(hourlyRelation)} WHERE hour >= ${from} - INTERVAL 1 DAY AND hour <= ${end} GROUP BY ALL)
SELECT epoch_ms(h.hour)::DOUBLE AS began, ${series.map((name) => `h.${name}`).join(", ")}, h.one_provider, h.amount, h.row_count, y.amount AS yesterday
FROM hours h JOIN hours y ON ${["h.hour = y.hour + INTERVAL 1 DAY", ...same].join(" AND ")}
WHERE h.hour >= ${from} AND h.amount > times(greatest(y.amount, 0), ${moneySql(rule.ratio)})
QUALIFY sum(h.amount - greatest(y.amount, 0)) OVER (PARTITION BY ${series.map((name) => `h.${name}`).join(", ")}) >= ${moneySql(rule.floor)}
ORDER BY ${series.map((name) => `h.${name}`).join(", ")}, began`;
}

function moneySql(amount: Decimal): string {
  return `money(${sqlText(formatDecimal(amount))})`;
}

function ofSeries(rows: readonly SqlRow[], input: HourlyRuleInput, now: Date): RuleObservation[] {
  const [first] = rows;
  const { rulesBy } = input.config;
  const keys = Object.fromEntries(rulesBy.map((name, index) => [name, String(first?.[`k${index}`])]));
  const scope = Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]]));
  const currency = String(first?.["currency"]);
  const { planned, caution } = sensitivityOf(input.feedback, { scope, currency }, now);
  const isPlanned = ({ at }: CostPoint) => planned.some(({ from, to }) => at >= from && at < to);
  const points = rows.flatMap(pointsOf).filter((point) => !isPlanned(point));
  const settled = settledThrough(input.settledAfterDays, String(first?.["one_provider"]), dayOf(now));
  return overYesterday(points, 60, cautious(input.config, caution).overYesterday).map((run) => {
    const within = rows.filter((row) => Number(row["began"]) >= run.start && Number(row["began"]) < run.end);
    const counted = within.reduce((all, row) => all + Number(row["row_count"]), 0);
    return observation(run, { keys, scope, currency, rows: counted, settled });
  });
}

/** An hour and the same one of the day before. */
function pointsOf(row: SqlRow): CostPoint[] {
  const at = Number(row["began"]);
  return [
    { at: at - DAY_MS, amount: parseDecimal(String(row["yesterday"])) },
    { at, amount: parseDecimal(String(row["amount"])) },
  ];
}

interface Series {
  keys: Readonly<Record<string, string>>;
  scope: RuleObservation["scope"];
  currency: string;
  rows: number;
  /** The last day that is settled. */
  settled: Day;
}

function observation(run: OverYesterday, { keys, scope, currency, rows, settled }: Series): RuleObservation {
  const { start, end, amount, before } = run;
  const day = dayOf(new Date(start));
  const ratio = before > 0n ? formatFixed(divide(amount, before), 2) : undefined;
  const [from, to] = [timeOf(start), timeOf(end)];
  const cost = `${seriesName(keys)} cost ${formatFixed(amount, 2)} ${currency} on ${day} from ${from} to ${to} UTC`;
  const times = ratio === undefined ? "" : ` (${ratio} ×)`;
  return ruleObservation({
    rule: "over-yesterday",
    scope,
    currency,
    day,
    raisedOn: day,
    comparedWith: [dayOf(new Date(start - DAY_MS))],
    title: `${cost}, against ${formatFixed(before, 2)} in the same hours of the day before${times}`,
    amount: subtract(amount, before),
    rows,
    isSettled: dayOf(new Date(end - 1)) <= settled,
    facts: {
      actual: formatDecimal(amount),
      expected: formatDecimal(before),
      hours: String(Math.round((end - start) / HOUR_MS)),
      sinceHour: `${day} ${from}`,
      ...(ratio === undefined ? {} : { ratio }),
    },
  });
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
