import { forecastVariance } from "./forecast.ts";
import { LEVEL, type Noise, SIZE, SLOPE, WEEKDAYS } from "./level-filter.ts";
import { at, median } from "./numbers.ts";
import type { Track } from "./track.ts";
import { WINDOW, type Window } from "./window.ts";

const WEEK = 7;
/** Weeks from here on are compared with their forecast. */
const SETTLED = 28;
const LEAST_WEEKS = 4;
/** Median of a squared standard normal. */
const MEDIAN_SQUARE = 0.455;
/** Weeks may be off by this many times the variance that the filter claims before it is called too sure of itself. */
const FREE = 2;
/** A random walk with variance w a day moves the mean of a week by about 3 w. */
const PER_DAY = 1 / 3;

const days = new Float64Array(WEEK);
const ratios = new Float64Array(WINDOW);

/** Variance per day of a wander that the filter does not know of, from how far past weeks lay off their forecast. */
export function learnWander(track: Track, window: Window, noise: Noise): number {
  let claimed = 0;
  let weeks = 0;
  for (let s = window.length - 1 - WEEK; s >= SETTLED; s -= WEEK) {
    const count = weekErrors(track, window, s);
    if (count < 4) continue;
    const variance =
      (1.5 * noise.scale ** 2 * (1 + noise.phi)) / ((1 - noise.phi) * count) +
      forecastVariance(track, window, noise, s, WEEK);
    ratios[weeks++] = median(days, count) ** 2 / variance;
    claimed += variance;
  }
  if (weeks < LEAST_WEEKS) return 0;
  return Math.max(0, median(ratios, weeks) / MEDIAN_SQUARE - FREE) * (claimed / weeks) * PER_DAY;
}

/** Errors of the forecast made before `s` over the week from there. */
function weekErrors(track: Track, window: Window, s: number): number {
  const o = (s - 1) * SIZE;
  let count = 0;
  for (let t = s; t < s + WEEK; t++) {
    if (window.season[t] === 1 || window.dayOfMonth[t] === 1) continue;
    const expected =
      at(track.states, o + LEVEL) +
      at(track.states, o + SLOPE) * (t - s + 1) +
      at(track.states, o + WEEKDAYS + (window.weekday[t] as number));
    if (!Number.isNaN(at(window.y, t))) days[count++] = at(window.y, t) - expected;
  }
  return count;
}
