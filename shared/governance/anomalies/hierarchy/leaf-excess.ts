import { at } from "../../../core/at.ts";
import { leafAt } from "../series/leaf-at.ts";
import type { LeafTable, SeriesNode } from "../series/types.ts";
import { type Alert, type Completeness, DAY_MS } from "../types.ts";
import { type Estimate, reconcile } from "./reconcile.ts";

/** Periods of a table by index, both inclusive. */
export interface DayRange {
  from: number;
  to: number;
}

/** What each leaf of a series cost over some days and was expected to, in the order of `SeriesNode.leaves`. */
export interface LeafExcess {
  actual: Float64Array;
  expected: Float64Array;
}

export interface LeafContext {
  table: LeafTable;
  /** Per leaf, `[0]` of the last day of the table. */
  completeness: readonly (readonly Completeness[])[];
}

const WEEK = 7;
/** Same weekdays that a leaf is compared with: few enough to follow it, and a median of them does not follow one odd week. */
const WEEKS = 4;
const DAYS_INSTEAD = 14;
/** No leaf is surer than this part of what it costs. */
const LEAST_SIGMA = 0.01;

/**
 * What leaves cost and were expected to. They are too many to be watched as closely as the series that alerted: each is expected to cost the
 * median of the same weekdays in the four weeks before.
 */
export function leafCosts(context: LeafContext, leaves: readonly number[], days: DayRange): LeafExcess {
  const { actual, estimates } = estimated(context, leaves, days);
  return { actual, expected: Float64Array.from(estimates, ({ value }) => value) };
}

/**
 * The excess of an alert over its leaves: what they were expected to cost is moved, the unsteady ones most, until it adds up to what the
 * series itself was expected to cost, so that the parts of the excess are parts of the alert's.
 */
export function leafExcess(
  context: LeafContext,
  node: Pick<SeriesNode, "leaves">,
  days: DayRange,
  alert: Pick<Alert, "direction" | "impact">,
): LeafExcess {
  const { actual, estimates } = estimated(context, node.leaves, days);
  const sum = actual.reduce((all, cost) => all + cost, 0);
  const value = sum - (alert.direction === "up" ? alert.impact : -alert.impact);
  const parts = reconcile<number>({
    key: -1,
    estimate: { value, variance: 0 },
    children: estimates.map((estimate, key) => ({ key, estimate, children: [] })),
  });
  return { actual, expected: actual.map((_cost, index) => Number(parts.get(index))) };
}

function estimated(
  context: LeafContext,
  leaves: readonly number[],
  days: DayRange,
): { actual: Float64Array; estimates: Estimate[] } {
  const costsOf = (leaf: number) => leafAt(context.table, leaf).costs;
  const perDay = Math.round(DAY_MS / (context.table.step ?? DAY_MS));
  return {
    actual: Float64Array.from(leaves, (leaf) => knownCost(costsOf(leaf), days)),
    estimates: leaves.map((leaf) =>
      expectedOf(costsOf(leaf), days, { shareOn: completenessOn(context, leaf), perDay }),
    ),
  };
}

function knownCost(costs: Float64Array, { from, to }: DayRange): number {
  let sum = 0;
  for (let day = from; day <= to; day += 1) if (isKnown(costs, day)) sum += at(costs, day);
  return sum;
}

function isKnown(costs: Float64Array, day: number): boolean {
  return !Number.isNaN(at(costs, day));
}

function completenessOn({ table, completeness }: LeafContext, leaf: number): (day: number) => number {
  return (day) => completeness[leaf]?.[table.days - 1 - day]?.share ?? 1;
}

function expectedOf(
  costs: Float64Array,
  { from, to }: DayRange,
  { shareOn, perDay }: { shareOn: (day: number) => number; perDay: number },
): Estimate {
  let value = 0;
  let variance = 0;
  for (let day = from; day <= to; day += 1) {
    if (!isKnown(costs, day)) continue;
    const like = likePeriods(costs, from, { day, perDay });
    const middle = medianOf(like) * shareOn(day);
    const spread = like.length < 2 ? 0 : (at(like, like.length - 1) - at(like, 0)) / 2;
    value += middle;
    variance += spread ** 2 + (LEAST_SIGMA * middle) ** 2;
  }
  return { value, variance };
}

/** Costs of up to four same weekdays (same hours of the week) before `from`, else of the fortnight before it, sorted. */
export function likePeriods(
  costs: Float64Array,
  from: number,
  { day, perDay }: { day: number; perDay: number },
): number[] {
  const week = WEEK * perDay;
  const weeks: number[] = [];
  for (let before = day - week; before >= 0 && weeks.length < WEEKS; before -= week) {
    if (before < from && isKnown(costs, before)) weeks.push(at(costs, before));
  }
  const fortnight = costs.subarray(Math.max(0, from - DAYS_INSTEAD * perDay), from);
  const like = weeks.length > 1 ? weeks : [...fortnight].filter((cost) => !Number.isNaN(cost));
  return like.sort((a, b) => a - b);
}

/** Of sorted numbers; 0 where there are none. */
export function medianOf(sorted: readonly number[]): number {
  if (sorted.length === 0) return 0;
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}
