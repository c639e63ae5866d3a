import { add, type Decimal, subtract, ZERO } from "../../../core/decimal.ts";
import type { Freed, Saving } from "../../costs/types.ts";
import type { LeftOut } from "../types.ts";
import type { Candidate, Found } from "./candidate.ts";
import { type Caps, replicasTaken } from "./caps.ts";

/** Each question what a set saves costs up to some tenths of a second in a large cluster. */
const MOST_DROPPED = 4;
/** Of more candidates than this, the shortest beginning is found to within one part in so many; it always suffices. */
const EXACT_UP_TO = 64;

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
  if (perHour === undefined || candidates.length === 0) return [...candidates];
  const before = already.length === 0 ? ZERO : savings(already).perHour;
  const savingOf = (chosen: readonly Candidate[]): Saving => savings([...already, ...freedBy(chosen)]);
  const gainOf = (chosen: readonly Candidate[]): Decimal => subtract(savingOf(chosen).perHour, before);
  const all = savingOf(candidates);
  if (subtract(all.perHour, before) < perHour) return [...candidates];
  const guess = firstGuess(candidates, all.byStep.slice(already.length), perHour);
  const count = shortestPrefix(candidates.length, guess, (size) => gainOf(candidates.slice(0, size)) >= perHour);
  return withoutSpare(candidates.slice(0, count), { perHour: add(perHour, before), already, savingOf });
}

/** Where the steps' shares of the whole saving add up to the need. */
function firstGuess(candidates: readonly Candidate[], shares: readonly Decimal[], perHour: Decimal): number {
  let [total, share] = [ZERO, 0];
  for (const [index, { proposal }] of candidates.entries()) {
    if (proposal.frees !== undefined) total = add(total, shares[share++] ?? ZERO);
    if (total >= perHour) return index + 1;
  }
  return candidates.length;
}

/** The smallest size that suffices, `count` being known to; looked for around `guess` in steps that double. */
function shortestPrefix(count: number, guess: number, suffices: (size: number) => boolean): number {
  let [low, high] = [0, count];
  for (let [probe, stride] = [Math.min(guess, count - 1), Math.ceil(guess / EXACT_UP_TO)]; low < high; stride *= 2) {
    if (probe <= low || probe >= high) break;
    if (suffices(probe)) {
      high = probe;
      probe -= stride;
    } else {
      low = probe + 1;
      probe += stride;
    }
  }
  while (high - low > Math.floor(high / EXACT_UP_TO)) {
    const middle = Math.floor((low + high) / 2);
    if (suffices(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Drops what the set can do without: first of all what a share of the saving no larger than the surplus is ascribed to. */
function withoutSpare(
  chosen: readonly Candidate[],
  {
    perHour,
    already,
    savingOf,
  }: Pick<Need, "already"> & { perHour: Decimal; savingOf: (chosen: readonly Candidate[]) => Saving },
): Candidate[] {
  const saving = savingOf(chosen);
  const freeing = chosen.filter(({ proposal }) => proposal.frees !== undefined);
  const shares = new Map(freeing.map((each, index) => [each, saving.byStep[already.length + index] ?? ZERO]));
  const surplus = subtract(saving.perHour, perHour);
  const spare = chosen.toReversed().filter((each) => (shares.get(each) ?? ZERO) <= surplus);
  let kept = [...chosen];
  for (const candidate of spare.slice(0, MOST_DROPPED)) {
    const without = kept.filter((each) => each !== candidate);
    if (savingOf(without).perHour >= perHour) kept = without;
  }
  return kept;
}

export function freedBy(candidates: readonly Candidate[]): Freed[] {
  return candidates.flatMap(({ proposal }) => (proposal.frees === undefined ? [] : [proposal.frees]));
}
