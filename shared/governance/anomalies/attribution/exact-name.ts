import { at } from "../../../core/at.ts";
import type { Part } from "./search.ts";
import type { LeafDimension, Leaves } from "./types.ts";

/**
 * The dimensions that name the leaves of a part. Where other parts have taken all of an element but one of its pairs, that pair is meant:
 * "account 11" beside "team 4" is "team 6 in account 11" if nobody else uses the account.
 */
export function exactName({ dimensions: all }: Leaves, { candidate, leaves }: Part): readonly LeafDimension[] {
  const { dimensions } = candidate;
  if (dimensions.length !== 1 || leaves.length === candidate.leaves.length) return dimensions;
  const second = all.find((other) => {
    if (dimensions.includes(other)) return false;
    const code = at(other.codes, at(leaves, 0));
    const alike = candidate.leaves.reduce((count, leaf) => (at(other.codes, leaf) === code ? count + 1 : count), 0);
    return alike === leaves.length && leaves.every((leaf) => at(other.codes, leaf) === code);
  });
  return second === undefined ? dimensions : all.filter((one) => one === second || dimensions.includes(one));
}
