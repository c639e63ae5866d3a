import { at, median } from "./numbers.ts";
import { WINDOW, type Window } from "./window.ts";

/** Parts of the state: level, slope, autocorrelated noise, one effect per weekday. */
export const SIZE = 10;
const LEVEL = 0;
const SLOPE = 1;
const NOISE = 2;
export const WEEKDAYS = 3;

/** What is learnt per series: scale of the day-to-day noise (of a Student t) and its autocorrelation. */
export interface Noise {
  scale: number;
  phi: number;
}

/** What the filter believed after each period, so that any onset can be forecast from before it. */
export interface Track {
  /** State after period i, at i × SIZE. */
  states: Float64Array;
  /** Covariance after period i, at i × SIZE². */
  covariances: Float64Array;
  /** One-step error of period i; NaN where unknown. */
  errors: Float64Array;
  /** Variance of that error, noise included. */
  variances: Float64Array;
}

export function createTrack(): Track {
  return {
    states: new Float64Array(WINDOW * SIZE),
    covariances: new Float64Array(WINDOW * SIZE * SIZE),
    errors: new Float64Array(WINDOW),
    variances: new Float64Array(WINDOW),
  };
}

export const settings = {
  slopeNoise: 0.0002,
  levelNoise: 0.1, // x scale
  clip: 2,
  clipPower: 2,
  comeBack: 45,
  weekdayPrior: 0.3,
  slopePrior: 0.004,
  restartRun: 6,
  restartSigma: 2,
};

const state = new Float64Array(SIZE);
const cov = new Float64Array(SIZE * SIZE);
const gain = new Float64Array(SIZE);
const recent = new Float64Array(WINDOW);

/** Level that was left at a restart, in case it comes back. */
let leftAt = -1;
let leftUntil = -1;
let run = 0;

/** Runs the filter over the window. */
export function runFilter(track: Track, window: Window, noise: Noise, start: number): void {
  const q = noise.scale * noise.scale;
  begin(start);
  run = 0;
  leftAt = -1;
  for (let i = 0; i < window.length; i++) {
    advance(noise.phi, q);
    if (window.fresh[i] === 1) cov[0] = at(cov, 0) + 1;
    predict(track, window, i);
    if (!Number.isNaN(at(track.errors, i)) && window.season[i] === 0 && window.dayOfMonth[i] !== 1)
      learnFrom(track, window, i, q);
    track.states.set(state, i * SIZE);
    track.covariances.set(cov, i * SIZE * SIZE);
  }
}

function predict(track: Track, window: Window, i: number): void {
  const h = WEEKDAYS + (window.weekday[i] as number);
  for (let j = 0; j < SIZE; j++)
    gain[j] = at(cov, j * SIZE + LEVEL) + at(cov, j * SIZE + NOISE) + at(cov, j * SIZE + h);
  track.errors[i] = at(window.y, i) - at(state, LEVEL) - at(state, NOISE) - at(state, h);
  track.variances[i] = at(window.spread2, i) + 1e-8 + at(gain, LEVEL) + at(gain, NOISE) + at(gain, h);
}

function learnFrom(track: Track, window: Window, i: number, q: number): void {
  let f = at(track.variances, i);
  let z = at(track.errors, i) / Math.sqrt(f);
  if (leftAt >= 0 && i <= leftUntil && Math.abs(z) > 3 && comesBack(track, window, i)) {
    predict(track, window, i);
    f = at(track.variances, i);
    z = at(track.errors, i) / Math.sqrt(f);
  }
  update(at(track.errors, i), f * Math.max(1, (Math.abs(z) / settings.clip) ** settings.clipPower));
  if (Math.abs(z) < settings.restartSigma) run = 0;
  else run = Math.sign(z) === Math.sign(run) || run === 0 ? run + Math.sign(z) : Math.sign(z);
  if (Math.abs(run) < settings.restartRun) return;
  const first = i - Math.abs(run) + 1;
  let count = 0;
  for (let t = first; t <= i; t++) if (!Number.isNaN(at(track.errors, t))) recent[count++] = at(track.errors, t);
  leftAt = first - 1;
  leftUntil = i + settings.comeBack;
  run = 0;
  const shift = median(recent, count);
  state[LEVEL] = at(state, LEVEL) + shift;
  cov[0] = at(cov, 0) + 0.1 * shift ** 2 + q;
}

/** Goes back to the level left at the restart when the day fits it. */
function comesBack(track: Track, window: Window, i: number): boolean {
  if (leftAt < 0) return false;
  const o = leftAt * SIZE;
  const age = i - leftAt;
  const h = WEEKDAYS + (window.weekday[i] as number);
  const level = at(track.states, o) + at(track.states, o + SLOPE) * age;
  const c = leftAt * SIZE * SIZE;
  const variance =
    at(track.covariances, c) +
    age * age * at(track.covariances, c + SIZE + SLOPE) +
    settings.slopeNoise ** 2 * (age ** 3 / 3);
  const error = at(window.y, i) - level - at(track.states, o + h);
  if (Math.abs(error) > 3 * Math.sqrt(variance + at(track.variances, i))) return false;
  if (Math.abs(error) * 2 > Math.abs(at(track.errors, i))) return false;
  for (let j = 0; j < SIZE; j++) state[j] = at(track.states, o + j);
  for (let j = 0; j < SIZE * SIZE; j++) cov[j] = at(track.covariances, c + j);
  state[NOISE] = 0;
  for (let t = leftAt + 1; t < i; t++) {
    state[LEVEL] = at(state, LEVEL) + at(state, SLOPE);
    track.states.set(state, t * SIZE);
    track.covariances.set(cov, t * SIZE * SIZE);
  }
  state[LEVEL] = level;
  cov[0] = variance;
  leftAt = -1;
  run = 0;
  return true;
}

function begin(start: number): void {
  state.fill(0);
  cov.fill(0);
  state[LEVEL] = start;
  cov[0] = 0.3 ** 2;
  cov[SLOPE * SIZE + SLOPE] = settings.slopePrior ** 2;
  for (let j = WEEKDAYS; j < SIZE; j++) cov[j * SIZE + j] = settings.weekdayPrior ** 2;
}

/** One period on: the level moves by the slope, the noise fades. */
function advance(phi: number, q: number): void {
  state[LEVEL] = at(state, LEVEL) + at(state, SLOPE);
  state[NOISE] = at(state, NOISE) * phi;
  for (let j = 0; j < SIZE; j++) cov[j] = at(cov, j) + at(cov, SIZE + j);
  for (let j = 0; j < SIZE; j++) cov[j * SIZE] = at(cov, j * SIZE) + at(cov, j * SIZE + SLOPE);
  for (let j = 0; j < SIZE; j++) cov[NOISE * SIZE + j] = at(cov, NOISE * SIZE + j) * phi;
  for (let j = 0; j < SIZE; j++) cov[j * SIZE + NOISE] = at(cov, j * SIZE + NOISE) * phi;
  cov[0] = at(cov, 0) + q * settings.levelNoise ** 2;
  cov[SLOPE * SIZE + SLOPE] = at(cov, SLOPE * SIZE + SLOPE) + settings.slopeNoise ** 2;
  cov[NOISE * SIZE + NOISE] = at(cov, NOISE * SIZE + NOISE) + q;
}

function update(error: number, f: number): void {
  const step = error / f;
  for (let j = 0; j < SIZE; j++) {
    const g = at(gain, j);
    state[j] = at(state, j) + g * step;
    const gf = g / f;
    for (let k = 0; k < SIZE; k++) cov[j * SIZE + k] = at(cov, j * SIZE + k) - gf * at(gain, k);
  }
}
