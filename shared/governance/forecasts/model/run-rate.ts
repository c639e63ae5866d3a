import { at } from "../../../core/at.ts";
import { AHEAD, type Calendar, calendarOf } from "./calendar.ts";
import { quantileOf, scratchOf } from "./numbers.ts";
import { alikeAtPlaces } from "./places.ts";
import { Z80 } from "./spread.ts";
import type { DayModel } from "./types.ts";

/** Days after which a day counts half in the mean. */
const HALF_LIFE = 28;
/** With fewer days, weekdays are alike. */
const FOUR_WEEKS = 28;
/** Weeks of belief that all weekdays are alike. */
const PRIOR_WEEKS = 4;
/** A single dear day among this many is not a rate: days are cut to the third dearest. */
const DAYS_TO_CUT = 21;
const CUT_TO = 3;
/** A cost recurs when it comes on the same day of the month each time, this many times the mean of the other days at least. */
const STANDS_OUT = 3;
/** Deviation of a rate that is one day old, as a share; it falls with the number of days. */
const SHORT = 2;
/** What a rate drifts in four weeks, as a share. */
const DRIFT = 0.1;
const BELIEF_WINDOWS = 4;
const LONGEST = 28;

/**
 * For series that a level does not describe: young ones, ones with many days of nothing, purchases. Costs that come on a day of the month
 * come again; everything else goes on at its mean rate.
 */
export function runRate(costs: Float64Array, start: number): DayModel {
  const calendar = calendarOf(start, costs.length + AHEAD);
  const recurring = alikeAtPlaces(costs, calendar, STANDS_OUT * meanSize(costs), () => 2);
  const others = costs.map((cost, i) => (Number.isNaN(at(recurring, at(calendar.place, i))) ? cost : Number.NaN));
  const cut = withoutAccidents(others);
  const mean = recentMean(cut);
  const weekdays = weekdayFactors(cut, calendar, mean);
  let ahead = calendar;
  return {
    expected: (index) => {
      if (index >= ahead.place.length) ahead = calendarOf(start, 2 * index);
      const special = at(recurring, at(ahead.place, index));
      return Number.isNaN(special) ? mean * at(weekdays, at(ahead.weekday, index)) : special;
    },
    sigma: mean === 0 ? 1 : Math.min(2, deviationOf(others) / Math.abs(mean)),
    reach: (days) => rateReach(others, mean, days),
  };
}

function meanSize(costs: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const cost of costs) {
    if (Number.isNaN(cost)) continue;
    sum += Math.abs(cost);
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

function withoutAccidents(costs: Float64Array): Float64Array {
  const sizes = costs.filter((cost) => !Number.isNaN(cost)).map(Math.abs);
  if (sizes.length < DAYS_TO_CUT) return costs;
  sizes.sort();
  const most = at(sizes, sizes.length - CUT_TO);
  return costs.map((cost) => (Math.abs(cost) > most ? Math.sign(cost) * most : cost));
}

function recentMean(costs: Float64Array): number {
  let [sum, weights] = [0, 0];
  for (const [i, cost] of costs.entries()) {
    if (Number.isNaN(cost)) continue;
    const weight = 0.5 ** ((costs.length - 1 - i) / HALF_LIFE);
    sum += weight * cost;
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

function weekdayFactors(costs: Float64Array, calendar: Calendar, mean: number): Float64Array {
  const sums = new Float64Array(7);
  const counts = new Float64Array(7);
  for (const [i, cost] of costs.entries()) {
    if (Number.isNaN(cost)) continue;
    const weekday = at(calendar.weekday, i);
    sums[weekday] = at(sums, weekday) + cost;
    counts[weekday] = at(counts, weekday) + 1;
  }
  if (costs.length < FOUR_WEEKS || mean === 0) return sums.fill(1);
  const all = sums.reduce((a, b) => a + b, 0) / counts.reduce((a, b) => a + b, 0);
  const factors = sums.map((sum, i) => (all === 0 ? 1 : (sum / all + PRIOR_WEEKS) / (at(counts, i) + PRIOR_WEEKS)));
  const middle = factors.reduce((a, b) => a + b, 0) / 7;
  return factors.map((factor) => factor / middle);
}

function deviationOf(costs: Float64Array): number {
  let [sum, squares, count] = [0, 0, 0];
  for (const cost of costs) {
    if (Number.isNaN(cost)) continue;
    sum += cost;
    squares += cost * cost;
    count += 1;
  }
  return count < 2 ? Math.abs(sum) : Math.sqrt(Math.max(0, (squares - (sum * sum) / count) / (count - 1)));
}

/** Error of a sum of days: belief from the days' own scatter, and how far sums of the past were off the mean. */
function rateReach(costs: Float64Array, mean: number, days: number): { down: number; up: number } {
  const n = costs.length;
  const scatter = deviationOf(costs) ** 2 * days * (1 + days / n);
  const share = DRIFT ** 2 * (days / LONGEST) + (SHORT / n) ** 2;
  const believed = scatter + share * (mean * days) ** 2;
  const window = Math.max(1, Math.min(days, LONGEST, Math.floor(n / 3)));
  const own = pastErrors(costs, mean, window);
  const trust = own.windows / (own.windows + BELIEF_WINDOWS);
  const scale = days / window;
  const reach = Z80 * Math.sqrt((1 - trust) * believed + trust * own.variance * scale * Math.max(1, scale));
  return { down: reach, up: reach };
}

function pastErrors(costs: Float64Array, mean: number, window: number): { variance: number; windows: number } {
  const off = scratchOf(costs.length);
  let [sum, known, count] = [0, 0, 0];
  for (let i = 0; i < costs.length; i += 1) {
    const [entering, leaving] = [at(costs, i), i < window ? Number.NaN : at(costs, i - window)];
    if (!Number.isNaN(entering)) [sum, known] = [sum + entering, known + 1];
    if (!Number.isNaN(leaving)) [sum, known] = [sum - leaving, known - 1];
    if (i + 1 >= window && known > 0) off[count++] = Math.abs(sum - mean * known);
  }
  return { variance: (quantileOf(off, count, 0.8) / Z80) ** 2, windows: count / window };
}
