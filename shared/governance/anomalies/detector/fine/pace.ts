import { DAY_MS } from "../../types.ts";
import { type Windows, windowsOf } from "./departures.ts";

/** What follows from the step of a series. */
export interface Pace {
  /** Start of row 0 and length of a row, milliseconds. */
  start: number;
  step: number;
  windows: Windows;
  /** Weight of a new row in slow means. */
  slow: number;
}

const SLOW_MS = 14 * DAY_MS;

export function paceOf(start: number, step: number): Pace {
  return { start, step, windows: windowsOf(step), slow: Math.min(0.05, step / SLOW_MS) };
}
