import type { AnomalyConfig } from "../../config/types.ts";
import { type Decimal, divide, formatDecimal, formatFixed, max, subtract, ZERO } from "../../core/decimal.ts";
import type { Observation, Scope } from "../../core/finding.ts";
import { addDays, type Day, dayOf } from "../../core/period.ts";
import type { SettledAfterDays } from "../../ledger/settledness.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import { type AbsoluteJump, absoluteJump } from "./absolute-jump.ts";
import { explainAnomalies } from "./explain-anomalies.ts";
import { overYesterday } from "./over-yesterday.ts";
import { type DailySeries, readSeries } from "./read-series.ts";

/** Only the newest days are judged, so that the history of a new lake does not flood anybody. */
const DAYS_JUDGED = 3;
/** A jump needs seven days before it, and the same of the day before. */
const DAYS_BEFORE = 8;
const DAY_MINUTES = 1440;

export interface DetectAnomaliesInput {
  cubeRelation: string;
  config: AnomalyConfig;
  settledAfterDays: SettledAfterDays;
}

/** The days that are judged now. */
export function judgedDays(now: Date): Day[] {
  const today = dayOf(now);
  return Array.from({ length: DAYS_JUDGED }, (_, index) => addDays(today, index + 1 - DAYS_JUDGED));
}

/**
 * The guide's rule and the absolute jump over the daily cube, per series of `config.by`. Both look upwards only, so a day that is not
 * completely delivered cannot fire by being low, and a rise on it counts, since its cost only grows. `floor` and `amount` are compared in
 * the series' own currency. A day that both rules see is one observation, by the first.
 */
export async function detectAnomalies(
  deps: { engine: SqlEngine; clock: Pick<Clock, "evaluationNow"> },
  { cubeRelation, config, settledAfterDays }: DetectAnomaliesInput,
): Promise<Observation[]> {
  const now = deps.clock.evaluationNow();
  const days = judgedDays(now);
  const [firstDay = dayOf(now)] = days;
  const range = { start: addDays(firstDay, -DAYS_BEFORE), end: addDays(dayOf(now), 1) };
  const series = await readSeries(deps.engine, { cubeRelation, settledAfterDays, by: config.by, ...range });
  const seen = series
    .flatMap((one) => days.flatMap((day) => judge(one, day, config) ?? []))
    .sort((a, b) => (a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1));
  return explainAnomalies(deps.engine, { cubeRelation, by: config.by }, seen);
}

function judge(series: DailySeries, day: Day, config: AnomalyConfig): Observation | undefined {
  const amount = series.costs.get(day);
  if (amount === undefined) return undefined;
  const points = [addDays(day, -1), day].flatMap((at) => {
    const cost = series.costs.get(at);
    return cost === undefined ? [] : [{ at: Date.parse(at), amount: cost }];
  });
  const rise = overYesterday(points, DAY_MINUTES, config.overYesterday).find(({ start }) => start === Date.parse(day));
  const jump = absoluteJump(series.costs, day, config.absoluteJump);
  if (rise !== undefined)
    return observation(series, day, amount, { rule: "over-yesterday", expected: rise.before, jump });
  if (jump !== undefined) return observation(series, day, amount, { rule: "absolute-jump", expected: jump.mean, jump });
  return undefined;
}

interface Verdict {
  rule: "over-yesterday" | "absolute-jump";
  expected: Decimal;
  jump: AbsoluteJump | undefined;
}

function observation(series: DailySeries, day: Day, amount: Decimal, { rule, expected, jump }: Verdict): Observation {
  const scope: Scope = Object.fromEntries(Object.entries(series.keys).map(([name, value]) => [name, [value]]));
  const name =
    Object.values(series.keys)
      .filter((value) => value !== "")
      .join(" / ") || "All cost";
  const ratio = expected > 0n ? formatFixed(divide(amount, expected), 2) : undefined;
  const baseline = rule === "over-yesterday" ? "the day before" : "a day in the week before";
  const times = ratio === undefined ? "" : ` (${ratio} ×)`;
  return {
    kind: "anomaly",
    rule,
    level: "warning",
    scope,
    period: { start: day, end: addDays(day, 1) },
    subject: series.currency,
    title: `${name} cost ${formatFixed(amount, 2)} ${series.currency} on ${day}, against ${formatFixed(expected, 2)} ${baseline}${times}`,
    amount: max(ZERO, subtract(amount, expected)),
    currency: series.currency,
    wantedActions: [{ action: "notify", targets: [scope] }],
    evidence: {
      rows: series.rows.get(day) ?? 0,
      contributors: [],
      settledShare: series.unsettled.has(day) ? "0" : "1",
      waitsFor: "",
      facts: {
        actual: formatDecimal(amount),
        expected: formatDecimal(expected),
        rules: rule === "over-yesterday" && jump !== undefined ? "over-yesterday, absolute-jump" : rule,
        ...(ratio === undefined ? {} : { ratio }),
        ...(jump === undefined ? {} : { meanOfWeekBefore: formatDecimal(jump.mean) }),
      },
    },
    recipients: [],
  };
}
