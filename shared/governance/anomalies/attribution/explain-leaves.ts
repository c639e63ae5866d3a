import { candidatesOf } from "./candidates.ts";
import { type CauseLeaves, createCause, type Totals, totalsOf } from "./cause.ts";
import { cuboidsOf } from "./cuboids.ts";
import { leafEvidence } from "./evidence.ts";
import { exactName } from "./exact-name.ts";
import { bestParts } from "./search.ts";
import type { Cause, Explanation, Leaves } from "./types.ts";
import { ENOUGH, widest } from "./widest.ts";

/**
 * Says which elements and pairs make an excess: the set of them that explains all leaves best for what it costs to name it, in the order
 * of the money that they moved, so that something small that moved much does not come first. What moved against the whole is found too,
 * so that it does not blur the rest, and left out. Where everything moved alike, the causes are where most of the money is.
 */
export function explainLeaves(leaves: Leaves): Explanation {
  const total = totalsOf(leaves);
  const excess = total.actual - total.expected;
  if (excess === 0) return { excess, causes: [], needed: 0, even: false };
  const evidence = leafEvidence(leaves);
  const parts = bestParts(candidatesOf(cuboidsOf(leaves), evidence), evidence);
  const all = parts.map((part): CauseLeaves => {
    return { dimensions: exactName(leaves, part), leaves: part.leaves, gain: part.gain };
  });
  const found = ranked(leaves, all, total);
  const [first] = found;
  const isWhole = first === undefined || Object.keys(first.keys).length === 0;
  const causes = isWhole
    ? ranked(leaves, widest(leaves), total)
    : found.filter(({ keys }) => Object.keys(keys).length > 0);
  return {
    excess,
    causes,
    needed: neededOf(causes),
    even: isWhole && leaves.dimensions.some(({ values }) => values.length > 1),
  };
}

function ranked(leaves: Leaves, parts: readonly CauseLeaves[], total: Totals): Cause[] {
  return parts
    .map((part) => createCause(leaves, part, total))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}

function neededOf(causes: readonly Cause[]): number {
  let explained = 0;
  const index = causes.findIndex(({ share }) => {
    explained += share;
    return explained >= ENOUGH;
  });
  return index < 0 ? causes.length : index + 1;
}
