import { at } from "../../../core/at.ts";

/** Median of the first `count` values, which are put in order: by insertion, as they are few. 0 for none. */
export function medianOfFew(values: Float64Array, count: number): number {
  for (let i = 1; i < count; i += 1) {
    const value = at(values, i);
    let j = i - 1;
    for (; j >= 0 && at(values, j) > value; j -= 1) values[j + 1] = at(values, j);
    values[j + 1] = value;
  }
  return middleOf(values, count);
}

/** A quantile of the first `count` values, which are put in order. 0 for none. */
export function quantileOf(values: Float64Array, count: number, part: number): number {
  if (count === 0) return 0;
  const sorted = values.subarray(0, count).sort();
  const place = (count - 1) * part;
  const low = at(sorted, Math.floor(place));
  return low + (at(sorted, Math.ceil(place)) - low) * (place - Math.floor(place));
}

function middleOf(sorted: Float64Array, count: number): number {
  if (count === 0) return 0;
  const middle = count >> 1;
  return count % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

let scratch = new Float64Array(256);

/** Room for so many values that is taken by the next one who asks: for sorting on the way to one number. */
export function scratchOf(length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(2 * length);
  return scratch;
}

const few = new Float64Array(7);

/** Medians of the known values among seven neighbours (three on each side, at the ends the seven nearest); NaN where none is known. */
export function runningMedians(values: Float64Array, medians: Float64Array): void {
  const n = values.length;
  for (let i = 0; i < n; i += 1) {
    const from = Math.max(0, Math.min(i - 3, n - 7));
    let count = 0;
    for (let j = from; j < from + 7 && j < n; j += 1) {
      const value = at(values, j);
      if (!Number.isNaN(value)) few[count++] = value;
    }
    medians[i] = count === 0 ? Number.NaN : medianOfFew(few, count);
  }
}
