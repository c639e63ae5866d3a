import { at } from "../../../core/at.ts";
import { type Calendar, PLACES } from "./calendar.ts";
import { medianOfFew } from "./numbers.ts";

/** So many months back a special day of the month is looked for. */
const MONTHS = 3;

/**
 * Per place in the month the median of its last values, where there are enough of them and all are beyond the same bound: above `least`, or
 * below its negative. NaN elsewhere.
 */
export function alikeAtPlaces(
  values: Float64Array,
  calendar: Calendar,
  least: number,
  enough: (place: number) => number,
): Float64Array {
  const seen = new Float64Array(PLACES * MONTHS);
  const counts = new Uint8Array(PLACES);
  for (let i = values.length - 1; i >= 0; i -= 1) {
    const place = at(calendar.place, i);
    const count = at(counts, place);
    if (count === MONTHS || Number.isNaN(at(values, i))) continue;
    seen[place * MONTHS + count] = at(values, i);
    counts[place] = count + 1;
  }
  const places = new Float64Array(PLACES).fill(Number.NaN);
  for (let place = 0; place < PLACES; place += 1) {
    const count = at(counts, place);
    const last = seen.subarray(place * MONTHS, place * MONTHS + count);
    if (count >= enough(place) && areAlike(last, least)) places[place] = medianOfFew(last, count);
  }
  return places;
}

function areAlike(values: Float64Array, least: number): boolean {
  return values.length > 0 && (values.every((value) => value > least) || values.every((value) => value < -least));
}
