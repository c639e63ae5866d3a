import { at } from "../detector/daily/numbers.ts";

/** Periods begin at `anchor` + n × `step`, in milliseconds; real times lie near. */
export interface Grid {
  step: number;
  anchor: number;
}

/** A step that lies as near as this to one of the clock's is meant to be that one. */
const CLOCK_TOLERANCE = 0.01;
const MINUTE_MS = 60_000;
const CLOCK_STEPS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 10_080].map(
  (m) => m * MINUTE_MS,
);

/** Another grid is taken only where the step differs by more than this part, */
const STEP_TOLERANCE = 0.1;
/** or its beginnings lie off by more than this part of a step. */
const PHASE_TOLERANCE = 0.25;
/** A grid is laid through so many times. */
const PHASE_SAMPLE = 50;

/**
 * The grid that times lie on: the wanted step, or their median step (`auto`), through most of the newest of them. Undefined before a
 * step can be seen. `times` are distinct and ascending.
 */
export function gridOf(times: Float64Array, wanted: number | "auto"): Grid | undefined {
  if (times.length === 0 || (wanted === "auto" && times.length < 2)) return undefined;
  const step = wanted === "auto" ? clockStep(medianStep(times)) : wanted;
  return { step, anchor: anchorOf(times.subarray(-PHASE_SAMPLE), step) };
}

/** Whether what lies on one grid falls into the same periods on the other. */
export function isSameGrid(a: Grid, b: Grid): boolean {
  if (Math.abs(a.step - b.step) > STEP_TOLERANCE * a.step) return false;
  return distance(a.anchor, b.anchor, a.step) <= PHASE_TOLERANCE * a.step;
}

/** Median distance between neighbours; of an even number the lower one, so that it is a distance that occurs. */
export function medianStep(times: Float64Array): number {
  const steps = Float64Array.from({ length: times.length - 1 }, (_none, i) => at(times, i + 1) - at(times, i));
  return at(steps.sort(), (steps.length - 1) >> 1);
}

function clockStep(step: number): number {
  return CLOCK_STEPS.find((clock) => Math.abs(clock - step) <= CLOCK_TOLERANCE * clock) ?? step;
}

/** The time from which the others lie off the grid least; the oldest one where several are as good. */
function anchorOf(times: Float64Array, step: number): number {
  let best = at(times, 0);
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of times) {
    let off = 0;
    for (const time of times) off += distance(time, candidate, step);
    if (off < least) [best, least] = [candidate, off];
  }
  return best;
}

/** How far two times are apart on the circle of one step. */
function distance(a: number, b: number, step: number): number {
  const off = Math.abs(a - b) % step;
  return Math.min(off, step - off);
}
