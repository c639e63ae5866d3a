/**
 * Reads a typed array where the index is known to be inside. Beside `core/at.ts`, because a function that has seen one kind of array only
 * is several times faster in a hot loop.
 */
export function at(values: Float64Array, index: number): number {
  return values[index] as number;
}

/** Puts the first `count` values in order and gives their median; 0 for none. */
export function median(values: Float64Array, count: number): number {
  if (count === 0) return 0;
  const sorted = values.subarray(0, count).sort();
  const middle = count >> 1;
  return count % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
