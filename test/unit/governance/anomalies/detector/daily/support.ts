import { createWatch } from "../../../../../../shared/governance/anomalies/detector/detect.ts";
import {
  type AlertMemory,
  DAY_MS,
  type Judged,
  type KnownSeries,
  type Sensitivity,
  type SeriesWatch,
} from "../../../../../../shared/governance/anomalies/types.ts";

/** A Monday far from any turn of the year. */
export const START = Date.parse("2026-02-02T00:00:00Z");

export const USUAL: Sensitivity = { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1 };

/** Even noise around 100 with quiet weekends: a fixed sequence of pseudo-random numbers, near enough to normal. */
export function ordinary(days: number, noise = 0.03, start = START): number[] {
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: days }, (_none, day) => {
    const weekday = new Date(start + day * DAY_MS).getUTCDay();
    const bell = uniform() + uniform() + uniform() + uniform() - 2;
    return 100 * (weekday === 0 || weekday === 6 ? 0.8 : 1) * Math.exp(noise * 1.7 * bell);
  });
}

export function known(costs: readonly number[], more: Partial<KnownSeries> = {}): KnownSeries {
  return { start: START, step: DAY_MS, costs: Float64Array.from(costs), completeness: [], ...more };
}

export interface Told extends Judged {
  /** Number of days known at that look. */
  look: number;
}

/** Looks every morning from day `from` on; the lines with alerts. */
export function alertsOf(
  costs: readonly number[],
  from: number,
  more: Partial<Sensitivity> = {},
  start = START,
): Told[] {
  return follow(createWatch({ ...USUAL, ...more }), costs, from, start).filter((line) => line.alert !== undefined);
}

export function follow(watch: SeriesWatch, costs: readonly number[], from: number, start = START): Told[] {
  const lines: Told[] = [];
  for (let look = from; look <= costs.length; look++) {
    const series = known(costs.slice(0, look), { start });
    lines.push(...watch.look(series, look - 1).map((line) => ({ ...line, look })));
  }
  return lines;
}

export const memoryOf = (watch: SeriesWatch): AlertMemory => JSON.parse(JSON.stringify(watch.memory()));

export const dayOf = (time: number, start = START) => (time - start) / DAY_MS;
