import { at } from "../daily/numbers.ts";
import {
  dayDeparture,
  hourDeparture,
  pointDeparture,
  roughnessDeparture,
  seasonDeparture,
  WAYS,
} from "./departures.ts";
import { type Learnt, VALUE } from "./learnt.ts";
import type { Pace } from "./pace.ts";
import { meanOf, type Signal, valueAt } from "./signal.ts";
import { BLOCK_MS, closeBlock, exceedances, noteValue, valueExceeded } from "./tails.ts";

/** What a row looks like to what was learnt before it. */
export interface Verdict {
  /** log10 of the days between such surprises; 0 for what is common. */
  score: number;
  /** Index of the way that is least common, its departure on the footing of the signal, and how far that would have to go to be odd. */
  way: number;
  departure: number;
  odd: number;
}

const ROUGHNESS = WAYS.indexOf("roughness");
const FLAT = WAYS.indexOf("flat");
/** Ways are not judged before so many hours' worth of rows. */
const WARM_UP = 4;
/** Before eight days are seen, a score loses the logarithm of the share that is missing: measured on young series without anomalies. */
const WEEK_AND_A_DAY = 8;
/** Least scale, on the footing of the signal: half a percent or so is never news. */
const LEAST_SCALE = 0.005;
const SHARE_OF_SPREAD = 0.1;

function openBlock(l: Learnt, time: number): void {
  const block = Math.floor(time / BLOCK_MS);
  if (block === l.block) return;
  if (l.block >= 0) {
    closeBlock(l.tails);
    closeBlock(l.whole);
  }
  l.block = block;
}

const COMMON: Verdict = { score: 0, way: 0, departure: 0, odd: 0 };

/** Of the row at hand, per way: the departure, and its size on the footing of the tails. */
const values = new Float64Array(WAYS.length);
const departures = new Float64Array(WAYS.length);

function measure(l: Learnt, s: Signal, row: number, pace: Pace): void {
  const w = pace.windows;
  departures[0] = valueAt(s, row) - l.location;
  departures[1] = pointDeparture(s, row, w);
  departures[2] = hourDeparture(s, row, w);
  departures[3] = seasonDeparture(s, row, w);
  departures[4] = dayDeparture(s, row, w);
  departures[5] = roughnessDeparture(s, row, w, LEAST_SCALE);
  departures[6] = l.flatRun;
  // Two days at least: before, the slow mean is hardly more than the day it would judge, or covers a part of a day.
  departures[7] = row < l.first + 2 * w.day ? Number.NaN : meanOf(s, row + 1 - w.day, row + 1) - l.location;
}

/** Judges a row by what is learnt from the rows before it, then learns from it. `widen` ≥ 0: how uncertain its value is (standard deviation). */
export function takeRow(l: Learnt, s: Signal, row: number, pace: Pace, widen: number): Verdict {
  const age = row - l.first;
  openBlock(l, pace.start + row * pace.step);
  l.flatRun = age > 0 && valueAt(s, row) === valueAt(s, row - 1) ? l.flatRun + 1 : 1;
  l.begun = true;
  l.lowest = Math.min(l.lowest, valueAt(s, row));
  // In the first day there is nothing to compare with but the hours before, which would be judged more harshly than later rows are.
  const verdict = age < pace.windows.day + pace.windows.hour ? COMMON : compareRow(l, s, row, pace, widen);
  l.location += Math.max(pace.slow, 1 / (age + 1)) * (valueAt(s, row) - l.location);
  return verdict;
}

function compareRow(l: Learnt, s: Signal, row: number, pace: Pace, widen: number): Verdict {
  measure(l, s, row, pace);
  let worst = 0;
  let least = Number.POSITIVE_INFINITY;
  // Fourth powers: the ways overlap, so that several mildly odd ones are hardly more than one.
  let together = 0;
  for (let way = 0; way < WAYS.length; way++) {
    const departure = at(departures, way);
    if (Number.isNaN(departure)) continue;
    const expected = takeDeparture(l, way, departure, pace, widen);
    if (expected >= 90) continue;
    together += Math.log10(90 / expected) ** 4;
    if (expected < least) {
      least = expected;
      worst = way;
    }
  }
  const surprise = scoreOf(l, Math.sqrt(Math.sqrt(together)));
  const score = surprise === 0 ? 0 : surprise - inexperience(row - l.first + 1, pace);
  return score <= 0 ? COMMON : { score, way: worst, departure: at(departures, worst), odd: oddFrom(l, worst) };
}

/** What a score loses while a full week has not been seen: that much more often surprises are mere novelty. */
function inexperience(rows: number, { windows }: Pace): number {
  return Math.max(0, Math.log10((WEEK_AND_A_DAY * windows.day) / rows));
}

/** How far a way has to depart to be beyond what chance does once in 90 days. */
function oddFrom(l: Learnt, way: number): number {
  const departure = at(departures, way);
  const limit = valueExceeded(l.tails, 2 * way + (departure < 0 ? 1 : 0), 1);
  return Math.abs(departure) * Math.min(1, limit / at(values, way));
}

/** Expected number of blocks per 90 days in which this way departs further; Infinity for what is common or not judged yet. */
function takeDeparture(l: Learnt, way: number, departure: number, pace: Pace, widen: number): number {
  const size = Math.abs(departure);
  const scale = at(l.scales, way);
  const count = at(l.counts, way) + 1;
  l.counts[way] = count;
  l.scales[way] = scale + Math.max(pace.slow, 1 / count) * (size - scale);
  if (count <= WARM_UP * pace.windows.hour) return Number.POSITIVE_INFINITY;
  const tail = 2 * way + (departure < 0 ? 1 : 0);
  const value = way === FLAT ? size : size / Math.sqrt(Math.max(scale, leastScale(l, way)) ** 2 + widen ** 2);
  values[way] = value;
  const expected = exceedances(l.tails, tail, value);
  noteValue(l.tails, tail, value);
  noteValue(l.tails, tail ^ 1, 0);
  return expected;
}

/** What is never news: about half a percent, and of moves of the level a tenth of how far values usually are from their mean. */
function leastScale(l: Learnt, way: number): number {
  return way === ROUGHNESS ? LEAST_SCALE : Math.max(LEAST_SCALE, SHARE_OF_SPREAD * at(l.scales, VALUE));
}

/**
 * The surprise of all ways together, half as the tails of the ways have it, half as the series' own history of such surprises has it: where
 * surprises are common, they are none.
 */
function scoreOf(l: Learnt, together: number): number {
  const value = together === 0 ? 1 : 4 ** together;
  const expected = exceedances(l.whole, 0, value);
  noteValue(l.whole, 0, value);
  return expected >= 90 ? 0 : (together + Math.log10(90 / expected)) / 2;
}
