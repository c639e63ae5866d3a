import { type Decimal, subtract, ZERO } from "../../../core/decimal.ts";
import type { Freed, Saving } from "../../costs/types.ts";
import type { LeftOut, Want } from "../types.ts";
import type { Candidate, Found } from "./candidate.ts";
import { type Caps, replicasTaken } from "./caps.ts";

/** Beyond so many steps, dropping single ones is not worth asking for the price of each remainder. */
const MOST_PRUNED = 64;

/** A candidate, and how to make one that takes at most so many pods. */
export interface Offer {
  candidate: Candidate;
  withAtMost: (pods: number) => Candidate | undefined;
}

/** Offers in their order as far as the caps allow; what they do not allow is left for the next run. */
export function withinCaps(offers: readonly Offer[], caps: Caps): Found {
  const found: Found = { candidates: [], leftOut: [] };
  for (const { candidate, withAtMost } of offers) {
    if (caps.objectsLeft() <= 0) {
      found.leftOut.push(later(candidate, caps.objectLimit));
      continue;
    }
    const { namespace } = candidate;
    const room = namespace === undefined ? Number.POSITIVE_INFINITY : caps.podsLeft(namespace);
    const fits = replicasTaken(candidate) <= room;
    const taken = fits ? candidate : room > 0 ? withAtMost(room) : undefined;
    if (taken !== undefined) {
      caps.take(taken);
      found.candidates.push(taken);
    }
    if (!fits) found.leftOut.push(later(candidate, caps.namespaceLimit(namespace ?? "")));
  }
  return found;
}

function later({ subject, want }: Candidate, limit: string): LeftOut {
  return { subject, policy: want.policy, reason: `${limit}; the rest follows in the next run` };
}

interface Need {
  /** Money per hour. Undefined: everything. */
  perHour: Decimal | undefined;
  /** What the plan frees already. */
  already: readonly Freed[];
  savings: (freed: readonly Freed[]) => Saving;
}

/**
 * The smallest set that saves as much as is needed: the shortest beginning of the order that does, less what it does not need (the last
 * first). When all together save too little, all.
 */
export function smallestSet(candidates: readonly Candidate[], { perHour, already, savings }: Need): Candidate[] {
  if (perHour === undefined) return [...candidates];
  const before = already.length === 0 ? ZERO : savings(already).perHour;
  const suffices = (chosen: readonly Candidate[]): boolean =>
    subtract(savings([...already, ...freedBy(chosen)]).perHour, before) >= perHour;
  if (!suffices(candidates)) return [...candidates];
  const shortest = candidates.slice(0, shortestPrefix(candidates.length, (count) => suffices(candidates.slice(0, count))));
  return shortest.length > MOST_PRUNED ? shortest : pruned(shortest, suffices);
}

/** The smallest count that suffices; all of them are known to. */
function shortestPrefix(count: number, suffices: (count: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (suffices(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function pruned(chosen: readonly Candidate[], suffices: (chosen: readonly Candidate[]) => boolean): Candidate[] {
  let kept = [...chosen];
  for (const candidate of chosen.toReversed()) {
    const without = kept.filter((each) => each !== candidate);
    if (suffices(without)) kept = without;
  }
  return kept;
}

export function freedBy(candidates: readonly Candidate[]): Freed[] {
  return candidates.flatMap(({ proposal }) => (proposal.frees === undefined ? [] : [proposal.frees]));
}

/** The want's need less what its steps will still save and the bill does not show yet. */
export function remainingNeed(want: Want, converted: Decimal | undefined, unseen: Decimal): Decimal | undefined {
  if (want.reduceByPerHour === undefined || converted === undefined) return undefined;
  return subtract(converted, unseen);
}
