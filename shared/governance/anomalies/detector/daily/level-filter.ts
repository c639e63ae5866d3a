import { at } from "./numbers.ts";

/** Parts of the state: level, slope, autocorrelated noise, one effect per weekday. */
export const SIZE = 10;
export const LEVEL = 0;
export const SLOPE = 1;
export const NOISE = 2;
export const WEEKDAYS = 3;

/** What is learnt per series: scale of the day-to-day noise (of a Student t) and its autocorrelation. */
export interface Noise {
  scale: number;
  phi: number;
}

/** By how much the slope may change from day to day: growth of 10 % a month is .003 a day and takes weeks to come. */
export const SLOPE_NOISE = 0.0002;
/** By how much the level wanders from day to day, as a share of the noise. */
export const LEVEL_NOISE = 0.1;
/** Standard deviations of what nothing is known about yet: level against the first fortnight, growth a day, effect of a weekday. */
const LEVEL_PRIOR = 0.3;
const SLOPE_PRIOR = 0.004;
const WEEKDAY_PRIOR = 0.3;

/** What is believed after the periods seen so far. There is one filter; it runs over one series after the other. */
export const state = new Float64Array(SIZE);
export const cov = new Float64Array(SIZE * SIZE);
const gain = new Float64Array(SIZE);

export function begin(level: number): void {
  state.fill(0);
  cov.fill(0);
  state[LEVEL] = level;
  cov[0] = LEVEL_PRIOR ** 2;
  cov[SLOPE * SIZE + SLOPE] = SLOPE_PRIOR ** 2;
  for (let j = WEEKDAYS; j < SIZE; j++) cov[j * SIZE + j] = WEEKDAY_PRIOR ** 2;
}

/** One period on: the level moves by the slope, the noise fades. */
export function advance({ phi, scale }: Noise): void {
  state[LEVEL] = at(state, LEVEL) + at(state, SLOPE);
  state[NOISE] = at(state, NOISE) * phi;
  for (let j = 0; j < SIZE; j++) cov[j] = at(cov, j) + at(cov, SIZE + j);
  for (let j = 0; j < SIZE; j++) cov[j * SIZE] = at(cov, j * SIZE) + at(cov, j * SIZE + SLOPE);
  for (let j = 0; j < SIZE; j++) cov[NOISE * SIZE + j] = at(cov, NOISE * SIZE + j) * phi;
  for (let j = 0; j < SIZE; j++) cov[j * SIZE + NOISE] = at(cov, j * SIZE + NOISE) * phi;
  cov[0] = at(cov, 0) + (LEVEL_NOISE * scale) ** 2;
  cov[SLOPE * SIZE + SLOPE] = at(cov, SLOPE * SIZE + SLOPE) + SLOPE_NOISE ** 2;
  cov[NOISE * SIZE + NOISE] = at(cov, NOISE * SIZE + NOISE) + scale ** 2;
}

export const expectation = (weekday: number) => at(state, LEVEL) + at(state, NOISE) + at(state, WEEKDAYS + weekday);

/** Variance of the error of `expectation`; prepares `update`. */
export function uncertainty(weekday: number, spread2: number): number {
  const h = WEEKDAYS + weekday;
  for (let j = 0; j < SIZE; j++)
    gain[j] = at(cov, j * SIZE + LEVEL) + at(cov, j * SIZE + NOISE) + at(cov, j * SIZE + h);
  return at(gain, LEVEL) + at(gain, NOISE) + at(gain, h) + spread2 + 1e-8;
}

/** Learns from an error that was trusted with this variance. Follows `uncertainty`. */
export function update(error: number, variance: number): void {
  const step = error / variance;
  for (let j = 0; j < SIZE; j++) {
    const g = at(gain, j);
    state[j] = at(state, j) + g * step;
    const share = g / variance;
    for (let k = j; k < SIZE; k++) {
      const left = at(cov, j * SIZE + k) - share * at(gain, k);
      cov[j * SIZE + k] = left;
      cov[k * SIZE + j] = left;
    }
  }
}
