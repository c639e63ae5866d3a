import { at } from "../../../core/at.ts";
import type { Calendar } from "./calendar.ts";
import { medianOfFew, runningMedians, scratchOf } from "./numbers.ts";
import { alikeAtPlaces } from "./places.ts";

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

/** How far weekdays differ from each other as a rule, as a standard deviation. */
const WEEKDAYS_DIFFER = 0.1;
/** Weeks that the belief is worth at most. */
const MOST_BELIEF = 4;
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
const FIRST_OF_MONTH = 1;

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
      learnWeekdays(costs, calendar, { adjusted, medians, weekdays });
      adjust();
    }
  }
  const sigma = deviation(adjusted, medians);
  return { weekdays, places: specialPlaces({ adjusted, medians }, calendar, sigma), adjusted, medians, sigma };
}

/** Medians of what weekdays cost against their neighbours, pooled with the belief that all are alike: the noisier, the more. */
function learnWeekdays(
  costs: Float64Array,
  calendar: Calendar,
  { adjusted, medians, weekdays }: Pick<Seasons, "adjusted" | "medians" | "weekdays">,
): void {
  const ratios = new Float64Array(Math.ceil(costs.length / 7) + 1);
  const noise = deviation(adjusted, medians);
  const belief = Math.min(MOST_BELIEF, (noise / WEEKDAYS_DIFFER) ** 2 * (Math.PI / 2));
  let sum = 0;
  for (let weekday = 0; weekday < 7; weekday += 1) {
    let count = 0;
    for (let i = 0; i < costs.length; i += 1) {
      if (at(calendar.weekday, i) !== weekday || !(at(medians, i) > 0) || Number.isNaN(at(costs, i))) continue;
      ratios[count++] = at(costs, i) / at(medians, i);
    }
    weekdays[weekday] = Math.max(0, (medianOfFew(ratios, count) * count + belief) / (count + belief));
    sum += at(weekdays, weekday);
  }
  for (let weekday = 0; weekday < 7; weekday += 1) weekdays[weekday] = (7 * at(weekdays, weekday)) / sum;
}

function deviation(adjusted: Float64Array, medians: Float64Array): number {
  const off = scratchOf(adjusted.length);
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
function specialPlaces(
  { adjusted, medians }: Pick<Seasons, "adjusted" | "medians">,
  calendar: Calendar,
  sigma: number,
): Float64Array {
  const extra = adjusted.map((value, i) => (at(medians, i) > 0 ? value / at(medians, i) - 1 : Number.NaN));
  const least = Math.max(SPECIAL_SHARE, SPECIAL_SIGMAS * sigma);
  return alikeAtPlaces(extra, calendar, least, (place) => (place === FIRST_OF_MONTH ? 1 : 2));
}
