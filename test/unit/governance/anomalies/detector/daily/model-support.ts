import type { Noise } from "../../../../../../shared/governance/anomalies/detector/daily/level-filter.ts";
import { type Reading, readSeries } from "../../../../../../shared/governance/anomalies/detector/daily/reading.ts";
import { known, USUAL } from "./support.ts";

/** What is learnt from the costs. Good until the next call. */
export const readOrdinary = (costs: readonly number[]): Reading => readSeries(known(costs), USUAL);

export const noiseOf = (costs: readonly number[]): Noise => readOrdinary(costs).noise;

export function excursionsOf(costs: readonly number[]): { start: number; end: number; size: number }[] {
  const { excursions } = readOrdinary(costs);
  return Array.from({ length: excursions.count }, (_none, run) => ({
    start: excursions.start[run] ?? 0,
    end: excursions.end[run] ?? 0,
    size: excursions.size[run] ?? 0,
  }));
}
