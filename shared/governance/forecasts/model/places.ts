import type { Calendar } from "./calendar.ts";
import { at } from "./numbers.ts";

/** So many months back a special day of the month is looked for. */
const MONTHS = 3;

/** Known values at a place in the month, the newest first. */
export function lastAtPlace(values: Float64Array, calendar: Calendar, place: number): Float64Array {
  const seen = new Float64Array(MONTHS);
  let count = 0;
  for (let i = values.length - 1; i >= 0 && count < MONTHS; i -= 1) {
    if (at(calendar.place, i) === place && !Number.isNaN(at(values, i))) seen[count++] = at(values, i);
  }
  return seen.subarray(0, count);
}
