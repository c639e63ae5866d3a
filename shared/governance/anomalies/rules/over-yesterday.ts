import type { AnomalyConfig } from "../../../config/types.ts";
import { add, type Decimal, max, multiply, subtract, ZERO } from "../../../core/decimal.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The cost of one interval. */
export interface CostPoint {
  /** Start of the interval, milliseconds since 1970. */
  at: number;
  amount: Decimal;
}

/** Consecutive intervals that all cost more than `ratio` × the same interval of the day before. */
export interface OverYesterday {
  /** Start of the first interval and end of the last. */
  start: number;
  end: number;
  /** Cost of these intervals, and of the same ones a day before. */
  amount: Decimal;
  before: Decimal;
}

/**
 * The guide's CrossCloudCostAnomaly over a series with a regular step (minutes, hours or days): cost over `ratio` × the same time of the
 * day before, for `forMinutes` of data in a row, by at least `floor` more money. An interval whose predecessor is missing says nothing;
 * neither it nor a gap counts as zero, and both end a run. A negative yesterday counts as zero.
 */
export function overYesterday(
  points: readonly CostPoint[],
  intervalMinutes: number,
  rule: AnomalyConfig["overYesterday"],
): OverYesterday[] {
  const step = intervalMinutes * MINUTE_MS;
  const needed = Math.max(1, Math.ceil(rule.forMinutes / intervalMinutes));
  const amounts = new Map(points.map(({ at, amount }) => [at, amount]));
  const runs: (OverYesterday & { length: number })[] = [];
  for (const { at, amount } of [...points].sort((a, b) => a.at - b.at)) {
    const yesterday = amounts.get(at - DAY_MS);
    const before = yesterday === undefined ? undefined : max(yesterday, ZERO);
    if (before === undefined || amount <= multiply(before, rule.ratio)) continue;
    const last = runs.at(-1);
    if (last?.end === at) {
      last.end = at + step;
      last.amount = add(last.amount, amount);
      last.before = add(last.before, before);
      last.length += 1;
    } else runs.push({ start: at, end: at + step, amount, before, length: 1 });
  }
  return runs
    .filter((run) => run.length >= needed && subtract(run.amount, run.before) >= rule.floor)
    .map(({ length, ...run }) => run);
}
