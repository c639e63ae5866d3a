import {
  advance,
  begin,
  cov,
  expectation,
  LEVEL,
  NOISE,
  type Noise,
  SIZE,
  SLOPE,
  SLOPE_NOISE,
  state,
  uncertainty,
  update,
  WEEKDAYS,
} from "./level-filter.ts";
import { at, median } from "./numbers.ts";
import { WINDOW, type Window } from "./window.ts";

/** What was believed after each period, so that every onset can be forecast from before it. */
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

/** Errors beyond this many standard deviations teach less the larger they are. */
const TRUSTED = 2;
/** So many days in a row that far off on one side are a new level. */
const RESTART_DAYS = 6;
/** A level that was left is remembered this long, as most episodes end where they began. */
const COME_BACK_DAYS = 45;
/** A day within this many standard deviations of the level that was left, and beyond them of the present one, is the way back. */
const COME_BACK = 3;

const recent = new Float64Array(WINDOW);

/** Period before the run that led to a restart, −1 for none; until when it can come back; days in a row off, with their sign. */
const left = { at: -1, until: -1 };
let run = 0;

/** Runs the filter over the window. */
export function runFilter(track: Track, window: Window, noise: Noise, start: number): void {
  begin(start);
  left.at = -1;
  run = 0;
  for (let i = 0; i < window.length; i++) {
    advance(noise);
    if (window.fresh[i] === 1) startAnew();
    predict(track, window, i);
    if (teaches(track, window, i)) learnFrom(track, window, i, noise);
    track.states.set(state, i * SIZE);
    track.covariances.set(cov, i * SIZE * SIZE);
  }
}

function startAnew(): void {
  cov[0] = at(cov, 0) + 1;
  left.at = -1;
  run = 0;
}

/** The first of a month often carries fees, and the days between the years are none to learn a level from. */
const teaches = (track: Track, window: Window, i: number) =>
  !Number.isNaN(at(track.errors, i)) && window.season[i] === 0 && window.dayOfMonth[i] !== 1;

function predict(track: Track, window: Window, i: number): number {
  const weekday = window.weekday[i] as number;
  track.variances[i] = uncertainty(weekday, at(window.spread2, i));
  track.errors[i] = at(window.y, i) - expectation(weekday);
  return at(track.errors, i) / Math.sqrt(at(track.variances, i));
}

function learnFrom(track: Track, window: Window, i: number, noise: Noise): void {
  let z = at(track.errors, i) / Math.sqrt(at(track.variances, i));
  if (Math.abs(z) > COME_BACK && comesBack(track, window, i)) z = predict(track, window, i);
  update(at(track.errors, i), at(track.variances, i) * Math.max(1, (z / TRUSTED) ** 2));
  if (Math.abs(z) < TRUSTED) run = 0;
  else run = run * z > 0 ? run + Math.sign(z) : Math.sign(z);
  if (Math.abs(run) >= RESTART_DAYS) restart(track, i, noise);
}

/** A run of days off on one side is the new level; the one that was left is kept in mind. */
function restart(track: Track, i: number, noise: Noise): void {
  const first = i - RESTART_DAYS + 1;
  let count = 0;
  for (let t = first; t <= i; t++) if (!Number.isNaN(at(track.errors, t))) recent[count++] = at(track.errors, t);
  const shift = median(recent, count);
  state[LEVEL] = at(state, LEVEL) + shift;
  cov[0] = at(cov, 0) + 0.1 * shift ** 2 + noise.scale ** 2;
  left.at = first - 1;
  left.until = i + COME_BACK_DAYS;
  run = 0;
}

/** Goes back to the level that was left if the day fits it, and takes the time between for the episode that it was. */
function comesBack(track: Track, window: Window, i: number): boolean {
  if (left.at < 0 || i > left.until) return false;
  const o = left.at * SIZE;
  const c = left.at * SIZE * SIZE;
  const age = i - left.at;
  const level = at(track.states, o) + at(track.states, o + SLOPE) * age;
  const variance =
    at(track.covariances, c) + age ** 2 * at(track.covariances, c + SIZE + SLOPE) + SLOPE_NOISE ** 2 * (age ** 3 / 3);
  const error = Math.abs(at(window.y, i) - level - at(track.states, o + WEEKDAYS + (window.weekday[i] as number)));
  if (error > COME_BACK * Math.sqrt(variance + at(track.variances, i)) || error * 2 > Math.abs(at(track.errors, i)))
    return false;
  goBack(track, i);
  state[LEVEL] = level;
  cov[0] = variance;
  return true;
}

function goBack(track: Track, i: number): void {
  for (let j = 0; j < SIZE; j++) state[j] = at(track.states, left.at * SIZE + j);
  for (let j = 0; j < SIZE * SIZE; j++) cov[j] = at(track.covariances, left.at * SIZE * SIZE + j);
  state[NOISE] = 0;
  for (let t = left.at + 1; t < i; t++) {
    state[LEVEL] = at(state, LEVEL) + at(state, SLOPE);
    track.states.set(state, t * SIZE);
    track.covariances.set(cov, t * SIZE * SIZE);
  }
  left.at = -1;
  run = 0;
}
