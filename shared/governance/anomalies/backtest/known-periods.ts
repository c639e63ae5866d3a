import { DAY_MS } from "../types.ts";
import type { Grid } from "./grid.ts";

/** Detectors of daily and slower series look back so many periods at most. */
const LONGEST_SLOW = 400;
/** Detectors of finer series look back so far, */
const LONGEST_FINE_MS = 35 * DAY_MS;
/** and never over more periods than minutes of that time. */
const LONGEST_FINE = LONGEST_FINE_MS / 60_000;

/** The newest periods of one series as known so far, on a regular grid. Memory is bounded, however far apart the periods lie. */
export interface KnownPeriods {
  /** The number of the period at `chargeTime`, counted from the grid's anchor. */
  numberOf(chargeTime: number): number;
  /** The cost of the period at `chargeTime` is `cost` from now on. Undefined where it is older than what is kept. */
  put(chargeTime: number, cost: number): Placed | undefined;
  /** Number of the newest known period. */
  newest(): number;
  /** Number of the oldest period that is kept. */
  oldest(): number;
  /** Costs from the oldest to the newest, NaN where nothing is known. A view: the next `put` may change it. */
  costs(): Float64Array;
  /** The time that the file gives the period which begins on the grid at `start`. */
  chargeTimeOf(start: number): number;
}

export interface Placed {
  period: number;
  /** The same charge time was known before, with another cost. */
  isRestated: boolean;
}

export function createKnownPeriods(grid: Grid): KnownPeriods {
  const longest = longestFor(grid.step);
  let first = 0;
  let last = -1;
  /** Number of the period in place 0 of the columns. */
  let base = 0;
  let costs = new Float64Array(0);
  let times = new Float64Array(0);

  const numberOf = (time: number) => Math.round((time - grid.anchor) / grid.step);

  /** Moves what is kept of `first`..`last` to the beginning of new columns, with room for as much again. */
  function reframe(): void {
    const length = Math.min(2 * longest, Math.max(64, 2 * (last - first + 1)));
    const place = (column: Float64Array) => {
      const moved = new Float64Array(length).fill(Number.NaN);
      const from = Math.max(0, first - base);
      const kept = column.subarray(from, Math.max(from, Math.min(column.length, last - base + 1)));
      moved.set(kept, Math.max(0, base - first));
      return moved;
    };
    [costs, times] = kept() ? [place(costs), place(times)] : [blank(length), blank(length)];
    base = first;
  }

  /** Whether anything in the columns is still inside `first`..`last`. */
  function kept(): boolean {
    return base + costs.length > first && base <= last;
  }

  function extendTo(period: number): void {
    if (last < first) first = last = period;
    else if (period > last) last = period;
    else first = Math.min(first, period);
    first = Math.max(first, last - longest + 1);
    if (first < base || last >= base + costs.length) reframe();
  }

  return {
    numberOf,
    put(chargeTime, cost) {
      const period = numberOf(chargeTime);
      if (last >= first && period <= last - longest) return undefined;
      if (last < first || period > last || period < first) extendTo(period);
      const isRestated = times[period - base] === chargeTime && costs[period - base] !== cost;
      costs[period - base] = cost;
      times[period - base] = chargeTime;
      return { period, isRestated };
    },
    newest: () => last,
    oldest: () => first,
    costs: () => costs.subarray(first - base, last - base + 1),
    chargeTimeOf(start) {
      const time = times[numberOf(start) - base] ?? Number.NaN;
      return Number.isNaN(time) ? start : time;
    },
  };
}

function blank(length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(length).fill(Number.NaN);
}

function longestFor(step: number): number {
  if (step >= DAY_MS / 2) return LONGEST_SLOW;
  return Math.min(LONGEST_FINE, Math.ceil(LONGEST_FINE_MS / step));
}
