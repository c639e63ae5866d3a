import { at } from "../../../core/at.ts";
import { valueOfLeaf } from "./leaves.ts";
import { surprise } from "./surprise.ts";
import type { Cause, LeafDimension, Leaves } from "./types.ts";

export interface Totals {
  expected: number;
  actual: number;
}

/** Leaves that have the same values of these dimensions. */
export interface CauseLeaves {
  dimensions: readonly LeafDimension[];
  leaves: readonly number[];
  gain: number;
}

export function totalsOf({ expected, actual }: Leaves): Totals {
  return { expected: expected.reduce(plus, 0), actual: actual.reduce(plus, 0) };
}

export function createCause(leaves: Leaves, { dimensions, leaves: own, gain }: CauseLeaves, total: Totals): Cause {
  const [example = 0] = own;
  const expected = own.reduce((sum, leaf) => sum + at(leaves.expected, leaf), 0);
  const actual = own.reduce((sum, leaf) => sum + at(leaves.actual, leaf), 0);
  return {
    keys: Object.fromEntries(dimensions.map((one) => [one.name, valueOfLeaf(one, example)])),
    leaves: own,
    expected,
    actual,
    share: (actual - expected) / (total.actual - total.expected),
    surprise: surprise(ratio(expected, total.expected), ratio(actual, total.actual)),
    gain,
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function plus(sum: number, value: number): number {
  return sum + value;
}
