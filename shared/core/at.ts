/** A number of an array by index, 0 beyond its ends: for loops over arrays whose length is known, so that no case is left to be checked. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
