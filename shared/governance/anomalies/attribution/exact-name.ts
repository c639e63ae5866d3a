import type { Part } from "./search.ts";
import type { Leaves } from "./types.ts";

/**
 * The dimensions that name the leaves of a part. Where other parts have taken all of an element but one of its pairs, that pair is meant:
 * "account 11" beside "team 4" is "team 6 in account 11" if nobody else uses the account.
 */
export function exactName({ codes }: Leaves, { candidate, leaves }: Part): readonly number[] {
  const { dimensions } = candidate;
  if (dimensions.length !== 1 || leaves.length === candidate.leaves.length) return dimensions;
  const second = codes.findIndex((own, dimension) => {
    if (dimensions.includes(dimension)) return false;
    const code = own[leaves[0] ?? 0];
    const alike = candidate.leaves.reduce((count, leaf) => (own[leaf] === code ? count + 1 : count), 0);
    return alike === leaves.length && leaves.every((leaf) => own[leaf] === code);
  });
  return second < 0 ? dimensions : [...dimensions, second].sort((a, b) => a - b);
}
