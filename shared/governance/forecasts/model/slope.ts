import { at, clamp } from "../../../core/at.ts";
import type { Segment } from "./segments.ts";

/** Growth of a series of logarithms. */
export interface Slope {
  /** Logarithms a day, shrunk towards none by its own uncertainty. */
  perDay: number;
  /** Standard error. */
  error: number;
  /** Correlation of a day's deviation with that of the day before. */
  correlation: number;
}

export const NO_SLOPE: Slope = { perDay: 0, error: 0, correlation: 0 };

/** Shorter levels say nothing about growth. */
const LEAST_DAYS = 14;
/** Nothing grows by more for long: 15 % a month. */
const MOST_PER_DAY = 0.005;
/** A slope of this many squared standard errors counts half. */
const SHRINKAGE = 2;
const MOST_CORRELATION = 0.9;

/** The common slope within the segments: steps between them are not growth. `inLine` has lost `taken` a day already. */
export function slopeOf(inLine: Float64Array, segments: readonly Segment[], taken: number): Slope {
  const sums = { days: 0, xx: 0, xy: 0, squares: 0, products: 0 };
  const parts = segments.flatMap((segment) => partOf(inLine, segment) ?? []);
  for (const part of parts) addCross(sums, inLine, part);
  if (sums.xx === 0) return NO_SLOPE;
  const raw = sums.xy / sums.xx;
  for (const part of parts) addResiduals(sums, inLine, part, raw);
  const correlation = clamp(sums.products / Math.max(1e-300, sums.squares), 0, MOST_CORRELATION);
  const variance = (sums.squares / sums.days / sums.xx) * ((1 + correlation) / (1 - correlation));
  const slope = raw + taken;
  const sure = (slope * slope) / (slope * slope + SHRINKAGE * variance + 1e-14);
  return { perDay: clamp(slope * sure, -MOST_PER_DAY, MOST_PER_DAY), error: Math.sqrt(variance), correlation };
}

interface Part extends Segment {
  x: number;
  y: number;
}

interface Sums {
  days: number;
  xx: number;
  xy: number;
  squares: number;
  products: number;
}

/** A segment with the means of its days, where it has enough. */
function partOf(inLine: Float64Array, { from, to }: Segment): Part | undefined {
  let [count, x, y] = [0, 0, 0];
  for (let i = from; i < to; i += 1) {
    if (Number.isNaN(at(inLine, i))) continue;
    count += 1;
    x += i;
    y += at(inLine, i);
  }
  return count < LEAST_DAYS ? undefined : { from, to, x: x / count, y: y / count };
}

function addCross(sums: Sums, inLine: Float64Array, { from, to, x, y }: Part): void {
  for (let i = from; i < to; i += 1) {
    if (Number.isNaN(at(inLine, i))) continue;
    sums.days += 1;
    sums.xx += (i - x) * (i - x);
    sums.xy += (i - x) * (at(inLine, i) - y);
  }
}

function addResiduals(sums: Sums, inLine: Float64Array, { from, to, x, y }: Part, raw: number): void {
  let before = 0;
  for (let i = from; i < to; i += 1) {
    if (Number.isNaN(at(inLine, i))) continue;
    const residual = at(inLine, i) - y - raw * (i - x);
    sums.squares += residual * residual;
    sums.products += residual * before;
    before = residual;
  }
}
