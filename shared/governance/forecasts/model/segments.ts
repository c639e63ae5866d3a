import { at, clamp } from "../../../core/at.ts";
import { medianOfFew } from "./numbers.ts";

/** Days of one level. */
export interface Segment {
  from: number;
  to: number;
}

/** A few days out of line that went by. */
export interface Episode {
  at: number;
  days: number;
  /** What its days were above the level (below, if negative), in days' cost of that level. */
  excess: number;
}

/** Levels of a series of logarithms over time. */
export interface Segments {
  segments: Segment[];
  /** First day of the last of them. */
  present: number;
  /** The level at each day as known by that day; NaN before anything is known. */
  levels: Float64Array;
  /** Logarithms without the slope that belong to a level; NaN for days out of line. */
  inLine: Float64Array;
  episodes: Episode[];
  /** The newest days, where they are out of line and too few to be a new level: how many, and how far. */
  pending: { days: number; off: number };
  /** Logarithm of the present level to the one before it; 0 where there was none. */
  jump: number;
}

/** So many days in a row on one side are a new level; fewer are an episode. */
const NEW_LEVEL_DAYS = 4;
/** Days that a level's median looks back on. */
const RECENT = 10;
/** What went away for at most so many days and comes back most of the way is back at once. */
const EXCURSION_DAYS = 50;
const MOST_OF_THE_WAY = 0.25;

interface Walk {
  values: Float64Array;
  slope: number;
  threshold: number;
  result: Segments;
  /** The newest days in line, and where in the ring the next one goes. */
  recent: Float64Array;
  known: number;
  level: number;
  from: number;
  /** Days out of line on one side. */
  waiting: number[];
  /** Levels that the present one is an excursion from, the innermost last. */
  earlier: number[];
}

/**
 * Walks through the days and tells levels from episodes. `values` are logarithms (NaN: unknown or special), `slope` is what the level
 * gains a day, `threshold` how far a day has to be off to be out of line.
 */
export function segmentsOf(values: Float64Array, slope: number, threshold: number): Segments {
  const walk: Walk = {
    values,
    slope,
    threshold,
    result: {
      segments: [],
      present: 0,
      levels: new Float64Array(values.length).fill(Number.NaN),
      inLine: new Float64Array(values.length).fill(Number.NaN),
      episodes: [],
      pending: { days: 0, off: 0 },
      jump: 0,
    },
    recent: new Float64Array(RECENT),
    known: 0,
    level: Number.NaN,
    from: 0,
    waiting: [],
    earlier: [],
  };
  startLevel(walk);
  for (let i = 0; i < values.length; i += 1) {
    if (!Number.isNaN(at(values, i))) see(walk, i);
    walk.result.levels[i] = walk.level + slope * i;
  }
  return finish(walk);
}

/** The first days: the level that most of the first week has. */
function startLevel(walk: Walk): void {
  const first = new Float64Array(7);
  let count = 0;
  for (let i = 0; i < walk.values.length && count < first.length; i += 1) {
    if (!Number.isNaN(at(walk.values, i))) first[count++] = flat(walk, i);
  }
  if (count > 0) walk.level = medianOfFew(first, count);
}

function flat({ values, slope }: Walk, index: number): number {
  return at(values, index) - slope * index;
}

function see(walk: Walk, index: number): void {
  const off = flat(walk, index) - walk.level;
  if (Math.abs(off) <= walk.threshold) {
    letGo(walk);
    remember(walk, index);
    return;
  }
  if (walk.waiting.length > 0 && offOf(walk, walk.waiting[0] ?? 0) > 0 !== off > 0) letGo(walk);
  walk.waiting.push(index);
  const isBack = comesBack(walk, index);
  if (isBack || walk.waiting.length >= NEW_LEVEL_DAYS) changeLevel(walk, isBack);
}

function offOf(walk: Walk, index: number): number {
  return flat(walk, index) - walk.level;
}

/** What waited was an episode. */
function letGo(walk: Walk): void {
  const [first] = walk.waiting;
  if (first === undefined) return;
  const excess = walk.waiting.reduce((sum, index) => sum + Math.exp(offOf(walk, index)) - 1, 0);
  walk.result.episodes.push({ at: first, days: walk.waiting.length, excess });
  walk.waiting = [];
}

const sorted = new Float64Array(Math.max(RECENT, NEW_LEVEL_DAYS));

function remember(walk: Walk, index: number): void {
  const value = flat(walk, index);
  walk.result.inLine[index] = value;
  walk.recent[walk.known % RECENT] = value;
  walk.known += 1;
  const count = Math.min(RECENT, walk.known);
  for (let i = 0; i < count; i += 1) sorted[i] = at(walk.recent, i);
  walk.level = medianOfFew(sorted, count);
}

function waitingLevel(walk: Walk): number {
  for (const [place, index] of walk.waiting.entries()) sorted[place] = flat(walk, index);
  return medianOfFew(sorted, walk.waiting.length);
}

/** Whether the days that wait are the end of an excursion: near the level that was before the present one. */
function comesBack(walk: Walk, index: number): boolean {
  const before = walk.earlier.at(-1);
  if (before === undefined || index - walk.from > EXCURSION_DAYS) return false;
  const way = Math.abs(before - walk.level);
  if (way <= 1.5 * walk.threshold) return false;
  return Math.abs(waitingLevel(walk) - before) <= Math.max(0.75 * walk.threshold, MOST_OF_THE_WAY * way);
}

function changeLevel(walk: Walk, isBack: boolean): void {
  const [first = 0] = walk.waiting;
  const days = walk.waiting;
  walk.result.segments.push({ from: walk.from, to: first });
  if (isBack) walk.earlier.pop();
  else walk.earlier.push(walk.level);
  walk.from = first;
  walk.known = 0;
  walk.waiting = [];
  for (const index of days) remember(walk, index);
}

function finish(walk: Walk): Segments {
  const { result, waiting, values, from, level } = walk;
  result.segments.push({ from, to: values.length });
  result.present = from;
  const before = walk.earlier.at(-1);
  result.jump = before === undefined ? 0 : clamp(level - before, -3, 3);
  if (waiting.length > 0) result.pending = { days: waiting.length, off: clamp(waitingLevel(walk) - level, -3, 3) };
  return result;
}
