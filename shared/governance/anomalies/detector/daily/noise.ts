import type { Noise } from "./level-filter.ts";
import { at, clamp, median } from "./numbers.ts";
import { runFilter, type Track } from "./track.ts";
import { LEAST_HISTORY, WINDOW, type Window } from "./window.ts";

/** No bill is quieter than this: half a per cent. */
const LEAST_SCALE = 0.005;
/** Costs of neighbouring days are mildly alike; so many days of one's own weigh as much as that. */
const USUAL_PHI = 0.3;
const USUAL_PHI_DAYS = 20;
const MOST_PHI = 0.8;
/** Periods after which the filter's errors are its own and not those of its beginning. */
const SETTLED = 21;
/** Degrees of freedom of the noise: real costs have such tails. */
export const TAILS = 4;
/** Median and 30 % quantile of |t| with 4 degrees of freedom; the 25 % quantile of a difference of two, with √2 in it. */
const T_MEDIAN = 0.741;
const T_LOW = 0.414;
const T_DIFFERENCE = 0.45;

const scratch = new Float64Array(WINDOW);
const errors = new Float64Array(WINDOW);

/** Learns the noise of the series and tracks its level with it. */
export function learn(track: Track, window: Window): Noise {
  const start = startOf(window);
  const first: Noise = { scale: roughScale(window), phi: 0 };
  runFilter(track, window, first, start);
  const noise = refine(track, window, first);
  runFilter(track, window, noise, start);
  return noise;
}

function startOf(window: Window): number {
  let count = 0;
  for (let i = 0; i < window.length && count < LEAST_HISTORY; i++)
    if (!Number.isNaN(at(window.y, i))) scratch[count++] = at(window.y, i);
  return median(scratch, count);
}

/** From differences to the same weekday a week ago; a low quantile, as irregular jobs leave few of them clean. */
function roughScale(window: Window): number {
  let count = 0;
  for (let i = 7; i < window.length - 2; i++) {
    const difference = Math.abs(at(window.y, i) - at(window.y, i - 7));
    if (!Number.isNaN(difference)) scratch[count++] = difference;
  }
  if (count === 0) return 0.1;
  return Math.max(LEAST_SCALE, at(scratch.subarray(0, count).sort(), count >> 2) / T_DIFFERENCE);
}

/** From the errors of a filter that knew no autocorrelation; without the newest two, which are not complete. */
function refine(track: Track, window: Window, first: Noise): Noise {
  const to = Math.max(0, window.length - 2);
  const from = Math.min(SETTLED, to >> 1);
  for (let i = from; i < to; i++) errors[i] = at(track.errors, i) * (first.scale / Math.sqrt(at(track.variances, i)));
  const phi = autocorrelation(from, to);
  let count = 0;
  for (let i = from + 1; i < to; i++) {
    const innovation = Math.abs(at(errors, i) - phi * at(errors, i - 1));
    if (!Number.isNaN(innovation)) scratch[count++] = innovation;
  }
  return { scale: count < 10 ? first.scale : Math.max(LEAST_SCALE, scaleOf(count)), phi };
}

function autocorrelation(from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (!Number.isNaN(at(errors, i))) scratch[count++] = Math.abs(at(errors, i));
  const bound = 2.5 * Math.max(LEAST_SCALE, median(scratch, count) / 0.7);
  let squares = 0;
  let products = 0;
  for (let i = from + 1; i < to; i++) {
    const before = at(errors, i - 1);
    const here = at(errors, i);
    if (!(Math.abs(before) < 2 * bound && Math.abs(here) < 2 * bound)) continue;
    squares += clamp(before, -bound, bound) ** 2;
    products += clamp(before, -bound, bound) * clamp(here, -bound, bound);
  }
  const days = to - from;
  const raw = squares > 0 ? products / squares : 0;
  const unbiased = raw + (1 + 3 * raw) / Math.max(days, 10);
  return clamp((days * unbiased + USUAL_PHI_DAYS * USUAL_PHI) / (days + USUAL_PHI_DAYS), 0, MOST_PHI);
}

/** Scale of a Student t by maximum likelihood, from a robust start, without what is five scales out: excursions are no noise. */
function scaleOf(count: number): number {
  const middle = median(scratch, count) / T_MEDIAN;
  const low = at(scratch, Math.floor(count * 0.3)) / T_LOW;
  let scale2 = Math.max(LEAST_SCALE, Math.min(middle, low * 1.15)) ** 2;
  for (let round = 0; round < 3; round++) {
    const most = 25 * scale2;
    let sum = 0;
    let used = 0;
    for (; used < count; used++) {
      const square = at(scratch, used) ** 2;
      if (square > most) break;
      sum += ((TAILS + 1) * square) / (TAILS + square / scale2);
    }
    scale2 = used === 0 ? scale2 : Math.max(LEAST_SCALE ** 2, sum / used);
  }
  return Math.sqrt(scale2);
}
