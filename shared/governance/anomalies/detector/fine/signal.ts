import { at } from "../daily/numbers.ts";

/**
 * The newest rows of a series, made comparable: near zero differences count, far from it ratios. With running sums, so that a mean over any
 * window costs nothing. What is unknown carries the last known value on. Rows are numbered from the first one ever seen.
 */
export interface Signal {
  /** Where differences turn into ratios: the typical size of a value. */
  anchor: number;
  /** Comparisons reach back to this row at most: the first one, or where a new level or the end of a long gap was. */
  first: number;
  /** Row i is in place `i & mask`. */
  mask: number;
  value: Float64Array;
  /** Sum of the values up to and with a row; of their absolute steps; how many of them are known. */
  sum: Float64Array;
  steps: Float64Array;
  known: Float64Array;
}

const FEWEST = 16;

/** How many of the first rows decide the anchor: a power of two up to two weeks, so that it seldom changes while a series grows. */
export function rowsForAnchor(rows: number, rowsPerDay: number): number {
  const most = Math.min(rows, 14 * rowsPerDay);
  return most < FEWEST ? most : 2 ** Math.floor(Math.log2(most));
}

/** Median size of the costs that are not 0. */
export function findAnchor(costs: Float64Array): number {
  const sizes = costs
    .map(Math.abs)
    .filter((size) => size > 0)
    .sort();
  return sizes[sizes.length >> 1] ?? 1;
}

/** Holds at least the newest `rows` rows. */
export function createSignal(anchor: number, rows: number): Signal {
  const size = 2 ** Math.ceil(Math.log2(rows + 1));
  const column = (): Float64Array => new Float64Array(size);
  return { anchor, first: 0, mask: size - 1, value: column(), sum: column(), steps: column(), known: column() };
}

export function transform(anchor: number, cost: number): number {
  return Math.asinh(cost / anchor);
}

export function restore(anchor: number, value: number): number {
  return Math.sinh(value) * anchor;
}

export function valueAt(s: Signal, row: number): number {
  return at(s.value, row & s.mask);
}

/** Sets a row; the one before must have been set. NaN is unknown. */
export function setRow(s: Signal, row: number, value: number): void {
  const place = row & s.mask;
  const previous = (row - 1) & s.mask;
  const before = at(s.value, previous);
  const isKnown = !Number.isNaN(value);
  const held = isKnown ? value : before;
  const step = row > s.first ? Math.abs(held - before) : 0;
  s.value[place] = held;
  s.sum[place] = at(s.sum, previous) + held;
  s.steps[place] = at(s.steps, previous) + step;
  s.known[place] = at(s.known, previous) + (isKnown ? 1 : 0);
}

function between(s: Signal, sums: Float64Array, from: number, to: number): number {
  return at(sums, (to - 1) & s.mask) - at(sums, (from - 1) & s.mask);
}

/** Mean of the rows `[from, to)`; NaN when that reaches back too far. */
export function meanOf(s: Signal, from: number, to: number): number {
  return from < s.first ? Number.NaN : between(s, s.sum, from, to) / (to - from);
}

/** Mean absolute step from row to row in `[from, to)`; NaN when that reaches back too far or half of it is unknown. */
export function roughnessOf(s: Signal, from: number, to: number): number {
  if (from < s.first) return Number.NaN;
  const known = between(s, s.known, from, to);
  return known * 2 < to - from ? Number.NaN : between(s, s.steps, from, to) / known;
}
