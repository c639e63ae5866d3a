import { createFineWatch } from "../../../../../../shared/governance/anomalies/detector/fine/fine-watch.ts";
import type {
  Alert,
  Completeness,
  Judged,
  KnownSeries,
  Sensitivity,
} from "../../../../../../shared/governance/anomalies/types.ts";

export const START = Date.UTC(2026, 0, 5);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function sensitivity(more: Partial<Sensitivity> = {}): Sensitivity {
  return { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1, ...more };
}

/** Numbers between -1 and 1 that repeat exactly. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Days and nights, with some noise. */
export function busyDays(rows: number, step: number, level = 100): Float64Array {
  const draw = noise(7);
  return Float64Array.from({ length: rows }, (_none, i) => {
    const wave = Math.sin((2 * Math.PI * i * step) / (24 * HOUR));
    return level * (1 + 0.4 * wave + 0.05 * (draw() + draw()));
  });
}

export function known(costs: Float64Array, step: number, completeness: readonly Completeness[] = []): KnownSeries {
  return { start: START, step, costs, completeness };
}

/** Shows a series row by row; what was said about each row at its own look. */
export function replay(costs: Float64Array, step: number, people: Sensitivity = sensitivity()): Judged[] {
  const watch = createFineWatch(people);
  return Array.from({ length: costs.length }, (_none, row) =>
    watch.look(known(costs.subarray(0, row + 1), step), row),
  ).flat();
}

export function alertsOf(judged: readonly Judged[]): Alert[] {
  return judged.flatMap(({ alert }) => alert ?? []);
}

export function rowOf({ at }: { at: number }, step: number): number {
  return (at - START) / step;
}
