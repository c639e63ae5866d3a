import type { KnownSeries, Sensitivity } from "../../types.ts";
import { createExcursions, type Excursions, fillExcursions } from "./excursions.ts";
import type { Basis } from "./forecast.ts";
import { createMonthly, fillMonthly } from "./monthly.ts";
import { learn } from "./noise.ts";
import { createTrack } from "./track.ts";
import { learnWander } from "./wander.ts";
import { createWindow, fillWindow } from "./window.ts";

/** Everything that is learnt from a series at a look. */
export interface Reading extends Basis {
  /** Variance per day by which the level wandered more than the filter believes. */
  wander: number;
  excursions: Excursions;
}

/** Longest time back that an onset may lie; what came before is the baseline. */
export const FARTHEST_ONSET = 41;

/** One reading is used again and again: memory is taken once, however many series are judged. */
const reading: Reading = {
  window: createWindow(),
  track: createTrack(),
  noise: { scale: 1, phi: 0 },
  wander: 0,
  monthly: createMonthly(),
  excursions: createExcursions(),
};

/** Learns a series anew. What is returned is good until the next call. */
export function readSeries(known: KnownSeries, sensitivity: Sensitivity): Reading {
  const { window, track } = reading;
  fillWindow(window, known, sensitivity);
  reading.noise = learn(track, window);
  reading.wander = learnWander(track, window, reading.noise);
  fillMonthly(reading.monthly, track, window, reading.noise, Math.max(0, window.length - FARTHEST_ONSET));
  fillExcursions(reading.excursions, track, window);
  return reading;
}
