import { DAY_MS } from "../../types.ts";
import { meanOf, roughnessOf, type Signal, valueAt } from "./signal.ts";

/**
 * The ways in which a row can be out of line. Each is a signed distance to the nearest of several expectations, so that all of them must find it
 * odd: the rows just before, the same time yesterday, the same time a week ago. "value" and "level" (of a day) have one, the slow mean.
 */
export const WAYS = ["value", "point", "hour", "season", "day", "roughness", "flat", "level"] as const;

/** Windows in rows. */
export interface Windows {
  hour: number;
  quarter: number;
  day: number;
}

export function windowsOf(step: number): Windows {
  const day = Math.max(2, Math.round(DAY_MS / step));
  return { hour: Math.min(12, Math.max(4, Math.round(day / 24))), quarter: Math.max(6, Math.round(day / 8)), day };
}

/** The smaller of two distances, by size; NaN means there is none. */
function nearer(a: number, b: number): number {
  return Math.abs(b) < Math.abs(a) || Number.isNaN(a) ? b : a;
}

/** Distance of a row to what there was in the hour before, around the same time yesterday, and a week ago. */
export function pointDeparture(s: Signal, t: number, w: Windows): number {
  const value = valueAt(s, t);
  const recent = outsideOf(s, value, t - w.hour, t);
  const yesterday = outsideOf(s, value, t - w.day - AROUND, t - w.day + AROUND + 1);
  const weekAgo = outsideOf(s, value, t - 7 * w.day - AROUND, t - 7 * w.day + AROUND + 1);
  return nearer(nearer(recent, yesterday), weekAgo);
}

const AROUND = 2;

/** Distance of `value` to the range of the rows `[from, to)`; NaN when they reach back too far. */
function outsideOf(s: Signal, value: number, from: number, to: number): number {
  if (from < s.first) return Number.NaN;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) {
    const around = valueAt(s, i);
    if (around < low) low = around;
    if (around > high) high = around;
  }
  if (value > high) return value - high;
  return value < low ? value - low : 0;
}

/** The mean of the newest rows against the rows before them, yesterday and a week ago. */
export function hourDeparture(s: Signal, t: number, w: Windows): number {
  const from = t + 1 - w.hour;
  const mean = meanOf(s, from, t + 1);
  const recent = mean - meanOf(s, from - 4 * w.hour, from);
  return nearer(recent, seasonal(s, mean, from, t + 1, w.day));
}

/** The mean of the newest hours against the same hours of other days alone. */
export function seasonDeparture(s: Signal, t: number, w: Windows): number {
  const from = t + 1 - w.quarter;
  return seasonal(s, meanOf(s, from, t + 1), from, t + 1, w.day);
}

function seasonal(s: Signal, mean: number, from: number, to: number, day: number): number {
  const yesterday = mean - meanOf(s, from - day, to - day);
  const twoDays = mean - meanOf(s, from - 2 * day, to - 2 * day);
  const week = mean - meanOf(s, from - 7 * day, to - 7 * day);
  return nearer(nearer(yesterday, twoDays), week);
}

/** The mean of a whole day against the day before, the days before, and a week ago. */
export function dayDeparture(s: Signal, t: number, w: Windows): number {
  const from = t + 1 - w.day;
  const mean = meanOf(s, from, t + 1);
  const before = mean - meanOf(s, from - w.day, from);
  const longBefore = mean - meanOf(s, from - 3 * w.day, from);
  return nearer(nearer(before, longBefore), mean - meanOf(s, from - 7 * w.day, t + 1 - 7 * w.day));
}

/** Logarithm of how rough the newest hours are, against the day before, the same hours yesterday and a week ago. */
export function roughnessDeparture(s: Signal, t: number, w: Windows, floor: number): number {
  const from = t + 1 - w.quarter;
  const rough = roughnessOf(s, from, t + 1) + floor;
  const against = (a: number, b: number): number => Math.log(rough / (roughnessOf(s, a, b) + floor));
  const before = against(from - w.day, from);
  return nearer(nearer(before, against(from - w.day, t + 1 - w.day)), against(from - 7 * w.day, t + 1 - 7 * w.day));
}
