import { type Noise, SIZE } from "./level-filter.ts";
import { at, median } from "./numbers.ts";
import type { Track } from "./track.ts";
import { LEAST_HISTORY, WINDOW, type Window } from "./window.ts";

/** What usually comes on top on that day of the month, as a share of the level: fees are amounts, not factors. */
export interface Monthly {
  amount: Float64Array;
  /** Standard deviation of that amount. */
  sigma: Float64Array;
}

export const createMonthly = (): Monthly => ({ amount: new Float64Array(WINDOW), sigma: new Float64Array(WINDOW) });

/** A month has at least so many days. */
const MONTH = 28;
const MOST_MONTHS = 4;
/** Newest days do not teach: what is judged must not excuse itself. */
const JUDGED_DAYS = 3;
/** A day this many scales off has something on top. */
const OUTSTANDING = 3;
/** Before any first of a month was seen, and how much a fee seen once or often may vary. */
const UNSEEN_SIGMA = 0.3;
const ONCE_SIGMA = 0.1;
const OFTEN_SIGMA = 0.03;
/** Day 1 apart, an effect counts if it came in this many months, each of them, and alike to a fifth. */
const OTHER_DAYS_MONTHS = 3;
const OTHER_DAYS_SPREAD = 0.2;

const amounts = new Float64Array(MOST_MONTHS);
const spreads = new Float64Array(MOST_MONTHS);

/** Learns what is to be expected on top from period `from` on. */
export function fillMonthly(monthly: Monthly, track: Track, window: Window, noise: Noise, from: number): void {
  for (let i = from; i < window.length; i++) learnDay(monthly, track, window, noise, i);
}

function learnDay(monthly: Monthly, track: Track, window: Window, noise: Noise, index: number): void {
  const day = window.dayOfMonth[index] as number;
  monthly.amount[index] = 0;
  monthly.sigma[index] = 0;
  if (day === 0) return;
  const { count, outstanding } = collect(track, window, noise, index, day);
  if (day !== 1 && (count < OTHER_DAYS_MONTHS || outstanding < count)) return;
  if (count === 0) {
    monthly.sigma[index] = UNSEEN_SIGMA;
    return;
  }
  if (outstanding * 2 <= count) return;
  const { amount, sigma } = typical(count);
  if (day !== 1 && sigma > OTHER_DAYS_SPREAD * Math.abs(amount)) return;
  monthly.amount[index] = amount;
  monthly.sigma[index] = sigma;
}

/** Amounts on top on the same day of earlier months, as shares of the level. */
function collect(
  track: Track,
  window: Window,
  noise: Noise,
  index: number,
  day: number,
): { count: number; outstanding: number } {
  let count = 0;
  let outstanding = 0;
  for (
    let i = Math.min(index - MONTH, window.length - 1 - JUDGED_DAYS);
    i >= LEAST_HISTORY && count < MOST_MONTHS;
    i--
  ) {
    const error = at(track.errors, i);
    if (window.dayOfMonth[i] !== day || Number.isNaN(error)) continue;
    const share = at(window.y, i) - at(track.states, i * SIZE);
    amounts[count++] = Math.exp(share) - Math.exp(share - error);
    if (Math.abs(error) > OUTSTANDING * noise.scale) outstanding++;
  }
  return { count, outstanding };
}

function typical(count: number): { amount: number; sigma: number } {
  for (let i = 0; i < count; i++) spreads[i] = at(amounts, i);
  const amount = median(spreads, count);
  if (count === 1) return { amount, sigma: ONCE_SIGMA * (1 + Math.abs(amount)) };
  for (let i = 0; i < count; i++) spreads[i] = Math.abs(at(amounts, i) - amount);
  return { amount, sigma: Math.hypot(median(spreads, count) * 1.5, OFTEN_SIGMA * amount) };
}
