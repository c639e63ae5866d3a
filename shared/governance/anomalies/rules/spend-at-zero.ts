import type { AnomalyConfig } from "../../../config/types.ts";
import { type Decimal, formatDecimal, formatFixed, multiply, parseDecimal } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { longestSettling, type SettledAfterDays, settledThrough } from "../../../ledger/settledness.ts";
import { median } from "./median.ts";
import type { DailySeries } from "./read-daily-costs.ts";
import { recentHistory } from "./recent-history.ts";
import { type RuleObservation, ruleObservation, seriesName } from "./types.ts";

const DAYS_BEFORE = 28;
/** With fewer known days nobody can say that a series is steady. */
const DAYS_NEEDED = 14;
/** A second empty day confirms the first. */
const DAYS_AT_ZERO = 2;
/** The cents that remain when a service is off: up to a hundredth of the usual is nothing. */
const NOTHING = parseDecimal("0.01");
const HALF = parseDecimal("0.5");
const TWICE = parseDecimal("2");
/** So many of ten days lie within half and twice the usual. */
const STEADY_TENTHS = 8;

export interface SpendAtZeroInput {
  rule: AnomalyConfig["spendAtZero"];
  /** The floor is so many times as high after alerts of this series were called wrong. */
  caution: number;
  settledAfterDays: SettledAfterDays;
  /** Days that may be the first empty one, oldest first. */
  days: readonly Day[];
  today: Day;
}

/**
 * A series that never paused and cost about the same every day (at least `floor`) costs nothing on two settled days in a row: a service
 * that died, or an export that lost it. On a day on which the provider delivered nothing at all its cost is unknown, not zero. It stays
 * true until there is spend again.
 */
export function spendAtZero(series: DailySeries, input: SpendAtZeroInput): RuleObservation[] {
  return input.days.flatMap((day) => zeroSince(series, day, input) ?? []);
}

function zeroSince(series: DailySeries, day: Day, input: SpendAtZeroInput): RuleObservation | undefined {
  const usual = usualBefore(series.costs, day, input);
  if (usual === undefined) return undefined;
  const nothing = multiply(usual, NOTHING);
  const through = settledThrough(input.settledAfterDays, series.keys["provider"] ?? slowest(input), input.today);
  const after = [...series.costs].filter(([at]) => at >= day && at <= through).sort(([a], [b]) => (a < b ? -1 : 1));
  const [first] = after;
  if (first?.[0] !== day || after.length < DAYS_AT_ZERO || after.some(([, cost]) => cost > nothing)) return undefined;
  const confirmed = after[DAYS_AT_ZERO - 1]?.[0] ?? day;
  return observation(
    series,
    day,
    usual,
    addDays(input.today, Number(Date.parse(confirmed) - Date.parse(through)) / 86_400_000),
  );
}

/** A provider's name that has no entry of its own is settled by default; several providers as late as the slowest. */
function slowest({ settledAfterDays }: SpendAtZeroInput): string {
  const days = longestSettling(settledAfterDays);
  return Object.entries(settledAfterDays).find(([, value]) => value === days)?.[0] ?? "default";
}

/** What a steady series costs in a day; undefined if it is not steady, or below the floor. */
function usualBefore(costs: DailySeries["costs"], day: Day, { rule, caution }: SpendAtZeroInput): Decimal | undefined {
  const before = Array.from({ length: DAYS_BEFORE }, (_, index) => costs.get(addDays(day, -1 - index))).filter(
    (cost) => cost !== undefined,
  );
  const usual = median(before);
  if (before.length < DAYS_NEEDED || usual === undefined) return undefined;
  if (usual < multiply(rule.floor, parseDecimal(caution.toFixed(6)))) return undefined;
  const nothing = multiply(usual, NOTHING);
  const steady = before.filter((cost) => cost >= multiply(usual, HALF) && cost <= multiply(usual, TWICE));
  const pauses = before.some((cost) => cost <= nothing);
  return pauses || steady.length * 10 < before.length * STEADY_TENTHS ? undefined : usual;
}

function observation(series: DailySeries, day: Day, usual: Decimal, raisedOn: Day): RuleObservation {
  const { currency, keys } = series;
  return ruleObservation({
    rule: "spend-at-zero",
    scope: Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]])),
    currency,
    day,
    raisedOn,
    title: `${seriesName(keys)} costs nothing since ${day}, against ${formatFixed(usual, 2)} ${currency} a day before`,
    amount: usual,
    rows: 0,
    isSettled: true,
    facts: {
      actual: formatDecimal(series.costs.get(day) ?? usual),
      expected: formatDecimal(usual),
      direction: "down",
      ...recentHistory(series.costs),
    },
  });
}
