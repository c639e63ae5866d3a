import { type Calendar, PLACES } from "./calendar.ts";
import { at, clamp, medianOfFew, runningMedians } from "./numbers.ts";

/** What weekdays and days of the month do to a positive series. */
export interface Seasons {
  /** Factor per weekday, mean 1. */
  weekdays: Float64Array;
  /** Per place in the month what it adds, as a multiple of the level; NaN: nothing special. */
  places: Float64Array;
  /** Costs without the weekday's factor; NaN where unknown or where the weekday costs next to nothing. */
  adjusted: Float64Array;
  /** Running medians of `adjusted`. */
  medians: Float64Array;
  /** Standard deviation of a day's logarithm around its neighbours. */
  sigma: number;
}

/** Weeks of belief that all weekdays are alike. */
const PRIOR_WEEKS = 1.5;
/** A weekday below this factor says nothing about the level: cost / factor would be noise. */
const NEXT_TO_NOTHING = 0.05;
/** Fewer days than this have no weekdays of their own. */
const TWO_WEEKS = 14;
/** Median of absolute deviations from a running median of seven → standard deviation: the median follows the day itself a little. */
const MAD_TO_SIGMA = 1.75;
const LEAST_SIGMA = 0.005;
/** A day of the month is special when it is this far out each time, and by at least this share. */
const SPECIAL_SIGMAS = 3.5;
const SPECIAL_SHARE = 0.05;
/** So many months back a special day is looked for. */
const MONTHS = 3;

export function seasonsOf(costs: Float64Array, calendar: Calendar): Seasons {
  const weekdays = new Float64Array(7).fill(1);
  const adjusted = new Float64Array(costs.length);
  const medians = new Float64Array(costs.length);
  const adjust = () => {
    for (let i = 0; i < costs.length; i += 1) {
      const factor = at(weekdays, at(calendar.weekday, i));
      adjusted[i] = factor < NEXT_TO_NOTHING ? Number.NaN : at(costs, i) / factor;
    }
    runningMedians(adjusted, medians);
  };
  adjust();
  if (costs.length >= TWO_WEEKS) {
    for (let round = 0; round < 2; round += 1) {
      learnWeekdays(costs, medians, calendar, weekdays);
      adjust();
    }
  }
  const sigma = deviation(adjusted, medians);
  return { weekdays, places: specialPlaces(adjusted, medians, calendar, sigma), adjusted, medians, sigma };
}

function learnWeekdays(costs: Float64Array, medians: Float64Array, calendar: Calendar, weekdays: Float64Array): void {
  const ratios = new Float64Array(Math.ceil(costs.length / 7) + 1);
  let sum = 0;
  for (let weekday = 0; weekday < 7; weekday += 1) {
    let count = 0;
    for (let i = 0; i < costs.length; i += 1) {
      if (at(calendar.weekday, i) !== weekday || !(at(medians, i) > 0) || Number.isNaN(at(costs, i))) continue;
      ratios[count++] = at(costs, i) / at(medians, i);
    }
    weekdays[weekday] = Math.max(0, (medianOfFew(ratios, count) * count + PRIOR_WEEKS) / (count + PRIOR_WEEKS));
    sum += at(weekdays, weekday);
  }
  for (let weekday = 0; weekday < 7; weekday += 1) weekdays[weekday] = (7 * at(weekdays, weekday)) / sum;
}

function deviation(adjusted: Float64Array, medians: Float64Array): number {
  const off = new Float64Array(adjusted.length);
  let count = 0;
  for (let i = 0; i < adjusted.length; i += 1) {
    const value = at(adjusted, i);
    if (Number.isNaN(value)) continue;
    off[count++] = value > 0 && at(medians, i) > 0 ? Math.abs(Math.log(value / at(medians, i))) : 3;
  }
  off.subarray(0, count).sort();
  return Math.max(LEAST_SIGMA, MAD_TO_SIGMA * at(off, count >> 1));
}

/**
 * Days of the month that are out of line the same way in each of the last months: fees, month-end jobs, credits. The first of the month is
 * believed after one time, any other day after two.
 */
function specialPlaces(adjusted: Float64Array, medians: Float64Array, calendar: Calendar, sigma: number): Float64Array {
  const places = new Float64Array(PLACES).fill(Number.NaN);
  const least = Math.max(SPECIAL_SHARE, SPECIAL_SIGMAS * sigma);
  const seen = new Float64Array(MONTHS);
  for (let place = 0; place < PLACES; place += 1) {
    let count = 0;
    let [up, down] = [0, 0];
    for (let i = adjusted.length - 1; i >= 0 && count < MONTHS; i -= 1) {
      if (at(calendar.place, i) !== place || Number.isNaN(at(adjusted, i)) || !(at(medians, i) > 0)) continue;
      const extra = at(adjusted, i) / at(medians, i) - 1;
      seen[count++] = extra;
      if (extra > least) up += 1;
      if (extra < -least) down += 1;
    }
    const alike = count > 0 && (up === count || down === count);
    if (alike && count >= (place === 1 ? 1 : 2)) places[place] = clamp(medianOfFew(seen, count), -1e6, 1e6);
  }
  return places;
}
