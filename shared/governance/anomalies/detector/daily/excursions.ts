import { at, clamp } from "./numbers.ts";
import type { Track } from "./track.ts";
import { LEAST_HISTORY, WINDOW, type Window } from "./window.ts";

/** Runs of days on which the series left its range by itself, oldest first. */
export interface Excursions {
  count: number;
  start: Int16Array;
  end: Int16Array;
  /** Largest error of the run. */
  size: Float64Array;
  /** Periods they were looked for in. */
  periods: number;
}

export const createExcursions = (): Excursions => ({
  count: 0,
  start: new Int16Array(WINDOW),
  end: new Int16Array(WINDOW),
  size: new Float64Array(WINDOW),
  periods: 1,
});

/** Standard deviations, and the least ratio, that make an excursion. */
const OUT = 2.5;
const LEAST_SIZE = 0.08;

/** Past excursions count from half of this share of what is judged, and fully from the whole of it. */
const ALIKE = 0.7;
/** Chance that an excursion goes on another day. */
const GOES_ON = 0.7;
/** A ramp is little like an irregular job. */
const RAMP_SHARE = 0.1;
/** Weight of the series' own habits beside the noise. */
const WEIGHT = 5;

export function fillExcursions(excursions: Excursions, track: Track, window: Window): void {
  excursions.count = 0;
  excursions.periods = window.length;
  let side = 0;
  for (let i = LEAST_HISTORY; i < window.length - 1; i++) {
    const error = at(track.errors, i);
    const out =
      Math.abs(error) > Math.max(OUT * Math.sqrt(at(track.variances, i)), LEAST_SIZE) && window.dayOfMonth[i] !== 1;
    if (out) add(excursions, i, error, Math.sign(error) === side);
    side = out ? Math.sign(error) : 0;
  }
}

function add(excursions: Excursions, i: number, error: number, goesOn: boolean): void {
  if (!goesOn) {
    excursions.start[excursions.count] = i;
    excursions.size[excursions.count] = 0;
    excursions.count++;
  }
  const run = excursions.count - 1;
  excursions.end[run] = i;
  if (Math.abs(error) > Math.abs(at(excursions.size, run))) excursions.size[run] = error;
}

/** How usual it is for this series to be off by `effect` for `days` days: excursions a day like it, of those that ended before `onset`. */
export function habit(excursions: Excursions, effect: number, onset: number, days: number, ramp: boolean): number {
  let like = 0;
  for (let run = 0; run < excursions.count; run++) {
    const size = at(excursions.size, run);
    const end = excursions.end[run] as number;
    if (end >= onset || size * effect < 0) continue;
    const length = end - (excursions.start[run] as number) + 1;
    like += clamp(size / (effect * ALIKE) - 0.5, 0, 0.5) * 2 * (length >= days ? 1 : GOES_ON ** (days - length));
  }
  if (ramp) like *= RAMP_SHARE;
  // one is an accident, several are a habit
  return (WEIGHT * like ** 2) / (like + 1) / excursions.periods;
}
