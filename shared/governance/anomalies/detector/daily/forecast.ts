import { LEVEL, LEVEL_NOISE, NOISE, type Noise, SIZE, SLOPE, SLOPE_NOISE, WEEKDAYS } from "./level-filter.ts";
import type { Monthly } from "./monthly.ts";
import { at, clamp } from "./numbers.ts";
import type { Track } from "./track.ts";
import { WINDOW, type Window } from "./window.ts";

/** What was to be expected of each period had nothing happened, as believed before an onset; filled from the onset on. */
export interface Forecast {
  /** Logarithm of the expected amount. */
  mu: Float64Array;
  /** Distance from it; NaN where nothing is known. */
  error: Float64Array;
  /** Square of the scale that one day alone may be off: noise, incompleteness, fees, season. The level's own uncertainty comes on top. */
  scale2: Float64Array;
}

/** What a forecast is made from. */
export interface Basis {
  window: Window;
  track: Track;
  noise: Noise;
  monthly: Monthly;
}

/** By how much days between the years may be off. */
const SEASON_SIGMA = 0.15;
/** What is left of an amount under which a fee that turned out a credit is not followed. */
const LEAST_TOTAL = 0.05;

const forecast: Forecast = {
  mu: new Float64Array(WINDOW),
  error: new Float64Array(WINDOW),
  scale2: new Float64Array(WINDOW),
};

/** Forecasts all periods from `onset` on. What is returned is good until the next call. */
export function forecastFrom({ window, track, noise, monthly }: Basis, onset: number): Forecast {
  const o = (onset - 1) * SIZE;
  let lingering = at(track.states, o + NOISE);
  for (let t = onset; t < window.length; t++) {
    lingering *= noise.phi;
    const level = at(track.states, o + LEVEL) + at(track.states, o + SLOPE) * (t - onset + 1);
    const plain = level + lingering + at(track.states, o + WEEKDAYS + (window.weekday[t] as number));
    const total = Math.max(LEAST_TOTAL, Math.exp(plain - level) + at(monthly.amount, t));
    const withFee = at(monthly.amount, t) === 0 ? plain : level + Math.log(total);
    // what usually comes on that day of the month excuses; that it is missing accuses nobody
    const mu = Number.isNaN(at(window.y, t))
      ? withFee
      : clamp(at(window.y, t), Math.min(plain, withFee), Math.max(plain, withFee));
    forecast.mu[t] = mu;
    forecast.error[t] = at(window.y, t) - mu;
    const carried = t > onset ? noise.phi ** 2 * at(window.spread2, t - 1) : 0;
    const season = window.season[t] === 1 ? SEASON_SIGMA ** 2 : 0;
    forecast.scale2[t] =
      noise.scale ** 2 + at(window.spread2, t) + carried + season + (at(monthly.sigma, t) / total) ** 2;
  }
  return forecast;
}

/** Variance of the mean of `count` periods from `onset` on as far as level, slope and weekdays are uncertain; `lead` is how far ahead it lies. */
export function forecastVariance(
  track: Track,
  window: Window,
  noise: Noise,
  onset: number,
  count: number,
  lead = (count + 1) / 2,
): number {
  const c = track.covariances;
  const o = (onset - 1) * SIZE * SIZE;
  const trend = at(c, o) + 2 * lead * at(c, o + SLOPE) + lead * lead * at(c, o + SIZE + SLOPE);
  const moves = SLOPE_NOISE ** 2 * (lead ** 3 / 3) + (LEVEL_NOISE * noise.scale) ** 2 * lead;
  return Math.max(0, trend + moves + weekdayVariance(track, window, onset, Math.min(7, count)));
}

function weekdayVariance(track: Track, window: Window, onset: number, days: number): number {
  const c = track.covariances;
  const o = (onset - 1) * SIZE * SIZE;
  let own = 0;
  let shared = 0;
  for (let i = 0; i < days; i++) {
    const row = o + (WEEKDAYS + (window.weekday[onset + i] as number)) * SIZE;
    for (let m = 0; m < days; m++) own += at(c, row + WEEKDAYS + (window.weekday[onset + m] as number));
    shared += at(c, row);
  }
  return own / days ** 2 + (2 * shared) / days;
}
