import { at } from "../daily/numbers.ts";

/** In the places of the signal: surprise of a row, and what of it was new. */
interface Surprises {
  raw: Float64Array;
  fresh: Float64Array;
  signal: { mask: number };
  pace: { windows: { day: number } };
}

/** So much larger than what was reported within a day a surprise must be to be another one. */
const LARGER = 1.3;

/**
 * Whether a row says more than the day before it: it beats every surprise of those 24 hours, and clearly those that were reported, or is the
 * first of them to reach `threshold`, that of an alert.
 */
export function isFresh(
  { raw, fresh, signal: { mask }, pace: { windows } }: Surprises,
  row: number,
  threshold: number,
): boolean {
  const score = at(raw, row & mask);
  for (let i = Math.max(0, row - windows.day); i < row; i++) {
    if (at(raw, i & mask) >= score) return false;
    const reported = at(fresh, i & mask);
    if (reported * LARGER >= score && (score < threshold || reported >= threshold)) return false;
  }
  return true;
}
