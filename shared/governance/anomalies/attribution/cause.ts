import { surprise } from "./surprise.ts";
import type { Cause, Leaves } from "./types.ts";

export interface Totals {
  expected: number;
  actual: number;
}

/** Leaves that have the same values of these dimensions. */
export interface CauseLeaves {
  dimensions: readonly number[];
  leaves: readonly number[];
  gain: number;
}

export function totalsOf({ expected, actual }: Leaves): Totals {
  return { expected: expected.reduce(plus, 0), actual: actual.reduce(plus, 0) };
}

export function createCause(leaves: Leaves, { dimensions, leaves: own, gain }: CauseLeaves, total: Totals): Cause {
  const [example = 0] = own;
  const expected = own.reduce((sum, leaf) => sum + (leaves.expected[leaf] ?? 0), 0);
  const actual = own.reduce((sum, leaf) => sum + (leaves.actual[leaf] ?? 0), 0);
  return {
    keys: Object.fromEntries(dimensions.map((d) => [leaves.dimensions[d] ?? "", valueAt(leaves, d, example)])),
    leaves: own,
    expected,
    actual,
    share: (actual - expected) / (total.actual - total.expected),
    surprise: surprise(ratio(expected, total.expected), ratio(actual, total.actual)),
    gain,
  };
}

function valueAt({ values, codes }: Leaves, dimension: number, leaf: number): string {
  return values[dimension]?.[codes[dimension]?.[leaf] ?? 0] ?? "";
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function plus(sum: number, value: number): number {
  return sum + value;
}
