import { WAYS } from "./departures.ts";
import { copyTails, createTails, type Tails } from "./tails.ts";

/** All that is learnt from a series up to a row, besides its newest rows. A copy of it is a point to return to. */
export interface Learnt {
  /** Whether anything is known yet. */
  begun: boolean;
  /** Number of the block that is open. */
  block: number;
  /** How many rows in a row had the same value. */
  flatRun: number;
  /** Unknown rows since the last known one. */
  missing: number;
  /** See `Signal.first`. */
  first: number;
  /** Slow mean of the value, and the least one. */
  location: number;
  lowest: number;
  /** Per way: slow mean of the size of its departures, and how many there were. */
  scales: Float64Array;
  counts: Float64Array;
  /** Per way two: upwards and downwards. */
  tails: Tails;
  /** Of all ways together. */
  whole: Tails;
}

/** Index of the way "value", whose scale is how far values usually are from their mean. */
export const VALUE = WAYS.indexOf("value");

export function createLearnt(first: number): Learnt {
  return {
    begun: false,
    block: -1,
    flatRun: 0,
    missing: 0,
    first,
    location: 0,
    lowest: Number.POSITIVE_INFINITY,
    scales: new Float64Array(WAYS.length),
    counts: new Float64Array(WAYS.length),
    tails: createTails(2 * WAYS.length),
    whole: createTails(1),
  };
}

export function copyLearnt(l: Learnt): Learnt {
  return {
    ...l,
    scales: l.scales.slice(),
    counts: l.counts.slice(),
    tails: copyTails(l.tails),
    whole: copyTails(l.whole),
  };
}

/** From here on the level is normal: nothing is compared with what was before. */
export function startAnew(l: Learnt, row: number): void {
  l.first = row;
  l.counts[VALUE] = 0;
  l.scales[VALUE] = 0;
}
