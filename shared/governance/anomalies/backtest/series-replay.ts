import { at } from "../detector/daily/numbers.ts";
import type { CreateWatch, Judged, Sensitivity, SeriesWatch } from "../types.ts";
import { type Grid, gridOf, isSameGrid } from "./grid.ts";
import { createKnownPeriods, type KnownPeriods } from "./known-periods.ts";
import { createLookLags, type LookLags } from "./look-lags.ts";
import type { Observations } from "./observations.ts";

export interface ReplaySettings {
  sensitivity: Sensitivity;
  /** Length of a period in milliseconds; `auto`: the median step known so far, per series. */
  step: number | "auto";
  createWatch: CreateWatch;
}

/** One series on its way through time. */
export interface SeriesReplay {
  /**
   * What the watch says of the rows `from`..`to` (exclusive) when they become known, all at once; of other periods only where one alerts.
   * `at` is the time that the file gives the period. Before a step can be seen nothing stands out.
   */
  look(from: number, to: number): Judged[];
}

/** Rows in the order in which they became known. */
type Rows = Pick<Observations, "chargeTime" | "cost">;

/** What depends on the grid; it is made anew where the grid proves wrong. */
interface Frame {
  grid: Grid;
  periods: KnownPeriods;
  lags: LookLags;
  /** Series that are never restated are always complete. */
  isRestated: boolean;
  watch: SeriesWatch;
}

/** A grid is looked for again when so much more is known. */
const MORE = 1.25;

export function createSeriesReplay(rows: Rows, { sensitivity, step, createWatch }: ReplaySettings): SeriesReplay {
  const looks: (readonly [from: number, to: number])[] = [];
  let known = 0;
  let knownAtGrid = 0;
  let frame: Frame | undefined;

  /** Puts the series on another grid where what is known by now says so. Everything known goes through it again, in its order. */
  function fitGrid(): void {
    if (known <= knownAtGrid * MORE) return;
    knownAtGrid = known;
    const grid = gridOf(distinctTimes(), step);
    if (grid === undefined || (frame !== undefined && isSameGrid(frame.grid, grid))) return;
    frame = {
      grid,
      periods: createKnownPeriods(grid),
      lags: createLookLags(),
      isRestated: false,
      watch: createWatch(sensitivity, frame?.watch.memory()),
    };
    for (const [from, to] of looks.slice(0, -1)) take(frame, rows, from, to);
  }

  function distinctTimes(): Float64Array {
    const all = new Float64Array(known);
    let count = 0;
    for (const [from, to] of looks) {
      all.set(rows.chargeTime.subarray(from, to), count);
      count += to - from;
    }
    return all.sort().filter((time, index) => index === 0 || time !== all[index - 1]);
  }

  return {
    look(from, to) {
      looks.push([from, to]);
      known += to - from;
      fitGrid();
      if (frame === undefined) return unjudged(rows, from, to);
      const changed = take(frame, rows, from, to);
      return changed.size === 0 ? [] : judge(frame, changed);
    },
  };
}

function unjudged({ chargeTime }: Rows, from: number, to: number): Judged[] {
  return Array.from(chargeTime.subarray(from, to), (time) => ({ at: time, score: 0 }));
}

/** Takes in what one look shows; numbers of the periods that are new or told again, none when all are older than what is kept. */
function take(frame: Frame, { chargeTime, cost }: Rows, from: number, to: number): Set<number> {
  const { periods, lags } = frame;
  const changed = new Set<number>();
  for (let row = from; row < to; row += 1) {
    const placed = periods.put(at(chargeTime, row), at(cost, row));
    if (placed === undefined) continue;
    frame.isRestated ||= placed.isRestated;
    changed.add(placed.period);
  }
  if (changed.size > 0) lags.see(periods, leastOf(changed));
  return changed;
}

function leastOf(numbers: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const one of numbers) least = Math.min(least, one);
  return least;
}

function judge({ grid, periods, lags, isRestated, watch }: Frame, changed: ReadonlySet<number>): Judged[] {
  const oldest = periods.oldest();
  const series = {
    start: grid.anchor + oldest * grid.step,
    step: grid.step,
    costs: periods.costs(),
    completeness: isRestated ? lags.completeness() : [],
  };
  const judged = watch
    .look(series, Math.max(0, leastOf(changed) - oldest))
    .filter(({ at: start, alert }) => alert !== undefined || changed.has(periods.numberOf(start)));
  return judged.map((one) => ({ ...one, at: periods.chargeTimeOf(one.at) }));
}
