import type { Forecast } from "./forecast.ts";
import type { Noise } from "./level-filter.ts";
import { TAILS } from "./noise.ts";
import { at } from "./numbers.ts";
import { WINDOW, type Window } from "./window.ts";

/** How much better "a cause changed the amounts by `effect`" explains the periods than "nothing happened". */
export interface Evidence {
  /** Logarithm of the ratio to the expected amount; of a ramp at its end. */
  effect: number;
  /** Variance of `effect` as far as noise goes. */
  variance: number;
  /** Logarithm of the likelihood ratio under Student-t noise with autocorrelation. */
  ratio: number;
  /** Newest period that took part. */
  newest: number;
}

/** Longest time that days between the years may take part. */
const SHORT = 3;
/** Below this many standard errors nothing is worth a closer look. */
const GLANCE = 1.2;

/** Errors and shape of the cause, freed of autocorrelation, and the squared scale of each. */
const u = new Float64Array(WINDOW);
const x = new Float64Array(WINDOW);
const s2 = new Float64Array(WINDOW);

/** Weighs a cause from `onset` to `end`: a change to a new level or, if `ramp`, a straight rise from nothing. */
export function weigh(
  window: Window,
  forecast: Forecast,
  noise: Noise,
  onset: number,
  end: number,
  ramp: boolean,
): Evidence | undefined {
  const days = end - onset + 1;
  const { count, newest } = whiten(window, forecast, noise, onset, end, ramp);
  if (count === 0 || count * 2 < days || newest < end - 1) return undefined;
  let info = 0;
  let product = 0;
  for (let i = 0; i < count; i++) {
    info += at(x, i) ** 2 / at(s2, i);
    product += (at(x, i) * at(u, i)) / at(s2, i);
  }
  const first = product / info;
  if (Math.abs(first) * Math.sqrt(info) < GLANCE) return undefined;
  const second = count === 1 ? first : robust(count, robust(count, first));
  const ratio = surprise(count, 0) - Math.min(surprise(count, first), surprise(count, second));
  return { effect: second, variance: 1 / info, ratio, newest };
}

function whiten(
  window: Window,
  forecast: Forecast,
  noise: Noise,
  onset: number,
  end: number,
  ramp: boolean,
): { count: number; newest: number } {
  const days = end - onset + 1;
  let count = 0;
  let newest = -1;
  for (let t = onset; t <= end; t++) {
    const error = at(forecast.error, t);
    if (Number.isNaN(error) || (window.season[t] === 1 && days > SHORT)) continue;
    const linked = newest === t - 1 && newest >= onset;
    const shape = ramp ? (t - onset + 1) / days : 1;
    const before = ramp ? (t - onset) / days : 1;
    u[count] = linked ? error - noise.phi * at(forecast.error, t - 1) : error;
    x[count] = linked ? shape - noise.phi * before : shape;
    s2[count] = at(forecast.scale2, t);
    newest = t;
    count++;
  }
  return { count, newest };
}

/** Least squares with each period weighted by how well `effect` explains it. */
function robust(count: number, effect: number): number {
  let info = 0;
  let product = 0;
  for (let i = 0; i < count; i++) {
    const rest2 = (at(u, i) - effect * at(x, i)) ** 2 / at(s2, i);
    const weight = at(x, i) / (at(s2, i) * (TAILS + rest2));
    info += weight * at(x, i);
    product += weight * at(u, i);
  }
  return product / info;
}

/** Negative log likelihood of the periods given the effect, but for a constant. */
function surprise(count: number, effect: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.log1p((at(u, i) - effect * at(x, i)) ** 2 / (TAILS * at(s2, i)));
  return ((TAILS + 1) / 2) * sum;
}

/** Share of the known periods that are off in the direction of the effect, by a third of it at least. */
export function agreement(forecast: Forecast, effect: number, onset: number, end: number, ramp: boolean): number {
  const days = end - onset + 1;
  let known = 0;
  let agree = 0;
  for (let t = onset; t <= end; t++) {
    const error = at(forecast.error, t);
    const due = ramp ? (effect * (t - onset + 1)) / days : effect;
    if (!Number.isNaN(error)) known++;
    if (error / due > 1 / 3) agree++;
  }
  return agree / known;
}
