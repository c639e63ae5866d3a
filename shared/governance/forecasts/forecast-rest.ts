import { at } from "../../core/at.ts";
import { type Completeness, DAY_MS } from "../anomalies/types.ts";
import { dayModelOf } from "./model/day-model.ts";
import { Z80 } from "./model/spread.ts";
import type { DayModel } from "./model/types.ts";

/** One kind of cost by day: usage, or what is bought and taxed. */
export interface KnownDays {
  /** Start of the first day, milliseconds since 1970. */
  start: number;
  /** Cost of each day as known now, the last of yesterday; NaN where nothing has been delivered. */
  costs: Float64Array;
  /** Of the newest days, `[0]` of the last one. Days beyond are final. */
  completeness: readonly Completeness[];
  /** What is reported already for the days after the last one, today first. */
  ahead: Float64Array;
}

/** What a period's cost still does, beside what is known of it. */
export interface RestForecast {
  /** The median. */
  rest: number;
  /** Ends of the 80 % interval; `low` ≤ `rest` ≤ `high`. */
  low: number;
  high: number;
  /** What each day that is not final will have cost; the first one starts at `from`. */
  path: Float64Array;
  from: number;
}

/** A share below this says nothing about the whole day. */
const LEAST_SHARE = 0.1;
/** Days below this part of the dearest one. */
const DUST = 1e-12;

/**
 * What is still to come of the period from `from` (inclusive) to `to` (milliseconds, starts of UTC days): days to come, and what newest days
 * will still get. A pure function of what is known; kinds of cost are forecast apart and added up, their errors as if independent.
 */
export function forecastRest(kinds: readonly KnownDays[], from: number, to: number): RestForecast {
  return forecastLearnt(kinds.map(learnDays), from, to);
}

/** The same of kinds that are learnt already: periods of one scope learn once. */
export function forecastLearnt(kinds: readonly LearntDays[], from: number, to: number): RestForecast {
  const parts = kinds.map((kind) => forecastKind(kind, from, to));
  const first = Math.min(to, ...parts.map((part) => part.from));
  const path = new Float64Array(Math.max(0, Math.round((to - first) / DAY_MS)));
  let [rest, down, up] = [0, 0, 0];
  for (const part of parts) {
    rest += part.rest;
    down = Math.hypot(down, part.rest - part.low);
    up = Math.hypot(up, part.high - part.rest);
    const offset = Math.round((part.from - first) / DAY_MS);
    for (const [index, cost] of part.path.entries()) path[offset + index] = at(path, offset + index) + cost;
  }
  return { rest, low: rest - down, high: rest + up, path, from: first };
}

/** One kind of cost, and what is learnt from it; without a model where nothing ever cost anything. */
export interface LearntDays {
  known: KnownDays;
  whole: Float64Array;
  model: DayModel | undefined;
}

export function learnDays(given: KnownDays): LearntDays {
  const known = { ...given, costs: withoutDust(given.costs) };
  const whole = wholeDays(known);
  const isEmpty = whole.every((cost) => cost === 0 || Number.isNaN(cost));
  return { known, whole, model: isEmpty ? undefined : dayModelOf(whole, known.start) };
}

function forecastKind({ known, whole, model }: LearntDays, from: number, to: number): RestForecast {
  const { start, completeness, costs } = known;
  const firstOpen = Math.max(0, costs.length - completeness.length);
  const first = Math.max(firstOpen, Math.ceil((from - start) / DAY_MS));
  const past = Math.max(first, Math.round((to - start) / DAY_MS));
  const open = { from: start + first * DAY_MS, path: new Float64Array(past - first) };
  if (model === undefined) return { ...open, rest: 0, low: 0, high: 0 };
  const sums = { rest: 0, variance: 0, floor: 0, expected: 0, days: 0 };
  for (let index = first; index < past; index += 1) {
    open.path[index - first] = openDay(known, whole, model, index, sums);
  }
  const { down, up } = sums.days === 0 ? { down: 0, up: 0 } : model.reach(sums.days, sums.expected);
  const newest = Z80 * Math.sqrt(sums.variance);
  const low = sums.rest - Math.hypot(down, newest);
  // Where no day was ever negative, none will be: never below what is known, but for days that a provider still takes back.
  const floor = costs.some((cost) => cost < 0) ? low : Math.min(sums.rest, sums.floor);
  return { ...open, rest: sums.rest, low: Math.max(low, floor), high: sums.rest + Math.hypot(up, newest) };
}

/** What floating point leaves of days whose costs and credits cancel out is nothing. */
function withoutDust(costs: Float64Array): Float64Array {
  let most = 0;
  for (const cost of costs) if (Math.abs(cost) > most) most = Math.abs(cost);
  const isDust = (cost: number) => cost !== 0 && Math.abs(cost) < DUST * most;
  return costs.some(isDust) ? costs.map((cost) => (isDust(cost) ? 0 : cost)) : costs;
}

/** Days as they will be once they are complete, as far as their own share tells; NaN where it tells nothing. */
function wholeDays({ costs, completeness }: KnownDays): Float64Array {
  const whole = costs.slice();
  for (const [age, { share }] of completeness.entries()) {
    const index = costs.length - 1 - age;
    if (index >= 0) whole[index] = share < LEAST_SHARE ? Number.NaN : at(costs, index) / share;
  }
  return whole;
}

interface Sums {
  rest: number;
  /** Of newest days that are known in part. */
  variance: number;
  /** The least that newest days become. */
  floor: number;
  /** Of days that nothing is known of yet. */
  expected: number;
  days: number;
}

/** What a day will have cost. A day that is known in part is what its share tells and what is usual, the surer one weighing more. */
function openDay(known: KnownDays, whole: Float64Array, model: DayModel, index: number, sums: Sums): number {
  const { costs, completeness } = known;
  const expected = model.expected(index);
  const told = whole[index] ?? Number.NaN;
  const reported = index < costs.length ? at(costs, index) || 0 : at(known.ahead, index - costs.length);
  if (Number.isNaN(told)) {
    // More than is expected may be reported already; less is a day that has only begun.
    const cost = Math.abs(reported) > Math.abs(expected) ? reported : expected;
    sums.rest += cost - reported;
    sums.expected += cost - reported;
    sums.days += 1;
    return cost;
  }
  const spread = completeness[costs.length - 1 - index]?.spread ?? 0;
  const own = spread * Math.abs(told);
  // A day that is further off than its own uncertainty explains is an unusual day.
  const usual = Math.max(model.sigma * Math.abs(expected), Math.abs(told - expected) - 2 * own);
  const both = usual ** 2 + own ** 2;
  const weight = both > 0 ? usual ** 2 / both : 1;
  const cost = weight * told + (1 - weight) * expected;
  sums.rest += cost - reported;
  sums.variance += weight * own ** 2;
  sums.floor += Math.min(0, cost * Math.exp(-Z80 * spread * Math.sqrt(weight)) - reported);
  return cost;
}
