import { at } from "../../core/at.ts";
import type { Completeness } from "./completeness.ts";

/** Median absolute deviation → standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
/** The 90th percentile of absolute deviations → standard deviation. It sees what a median misses: a few periods that move far. */
const P90_TO_SIGMA = 1 / 1.645;
/** So many observations replace the prior altogether; fewer replace their part of it. */
export const ENOUGH = 12;
/** Nothing delivered yet, or next to nothing: a logarithm needs a floor. */
const LEAST_SHARE = 0.01;

/**
 * Logarithm of known ÷ final. Undefined where the two say nothing about lag: a period that ends at nothing or below, or is known with
 * the other sign (refunds and corrections), or is smaller than `tiny`.
 */
export function logShare(known: number, final: number, tiny: number): number | undefined {
  if (!(final > tiny) || !(final > 0) || !(known >= 0)) return undefined;
  return Math.max(Math.log(LEAST_SHARE), Math.log(known / final));
}

/**
 * Median share and its robust spread from the logarithms in the first `count` places of `logs`, which are sorted in passing. Few
 * observations are blended with the prior.
 */
export function estimateCompleteness(logs: Float64Array, count: number, prior: Completeness): Completeness {
  if (count === 0) return prior;
  const values = logs.subarray(0, count);
  const weight = Math.min(1, count / ENOUGH);
  const { middle, sigma } = values.every((value) => value === 0) ? { middle: 0, sigma: 0 } : robust(values);
  return {
    share: Math.exp(weight * middle + (1 - weight) * Math.log(prior.share)),
    spread: Math.sqrt(weight * sigma ** 2 + (1 - weight) * prior.spread ** 2),
  };
}

function robust(values: Float64Array): { middle: number; sigma: number } {
  values.sort();
  const middle = quantile(values, 0.5);
  for (let index = 0; index < values.length; index += 1) values[index] = Math.abs(at(values, index) - middle);
  values.sort();
  return { middle, sigma: Math.max(quantile(values, 0.5) * MAD_TO_SIGMA, quantile(values, 0.9) * P90_TO_SIGMA) };
}

/** Of sorted values, between neighbours linearly. */
function quantile(sorted: Float64Array, part: number): number {
  const place = (sorted.length - 1) * part;
  const low = at(sorted, Math.floor(place));
  return low + (at(sorted, Math.ceil(place)) - low) * (place - Math.floor(place));
}
