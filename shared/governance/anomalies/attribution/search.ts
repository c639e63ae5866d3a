import { at } from "../../../core/at.ts";
import { type Candidate, gainOf } from "./candidates.ts";
import type { LeafEvidence } from "./evidence.ts";

/** A candidate as part of an explanation: with the leaves that no part before it has. */
export interface Part {
  candidate: Candidate;
  leaves: readonly number[];
  gain: number;
}

/** An explanation has at most this many parts: the cause, and what else happened on the same days. */
const MOST_PARTS = 5;
/** Explanations that are carried on side by side. One alone takes a whole account where two of its services moved. */
const BREADTH = 6;

/** Candidates in the order in which they take leaves. */
interface Attempt {
  picks: readonly Candidate[];
  gains: readonly number[];
  total: number;
  claimed: Uint8Array;
}

interface Step {
  from: Attempt;
  candidate: Candidate;
  gain: number;
}

/**
 * The set of candidates that together explain the leaves best for what it costs to name them (a beam search). Each takes the leaves that
 * are left of its own. There is at least one, also where none is worth its name, unless there are no candidates.
 */
export function bestParts(candidates: readonly Candidate[], evidence: LeafEvidence): Part[] {
  const nothing: Attempt = { picks: [], gains: [], total: 0, claimed: new Uint8Array(evidence.x.length) };
  let best: Attempt | undefined;
  let attempts = [nothing];
  for (let size = 1; size <= MOST_PARTS && attempts.length > 0; size++) {
    attempts = extend(attempts, candidates, evidence);
    const [first] = attempts;
    if (first !== undefined && (best === undefined || first.total > best.total)) best = first;
  }
  return best === undefined ? [] : partsOf(best);
}

/** The best ways to go one step further, none of them twice in another order. */
function extend(attempts: readonly Attempt[], candidates: readonly Candidate[], evidence: LeafEvidence): Attempt[] {
  const steps = attempts.flatMap((from) => stepsFrom(from, candidates, evidence));
  steps.sort((a, b) => b.from.total + b.gain - a.from.total - a.gain);
  const seen = new Set<string>();
  const next: Attempt[] = [];
  for (const step of steps) {
    const picks = [...step.from.picks, step.candidate];
    const identity = picks
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .join(" ");
    if (seen.has(identity)) continue;
    seen.add(identity);
    next.push({ picks, ...taken(step) });
    if (next.length === BREADTH) break;
  }
  return next;
}

function stepsFrom(from: Attempt, candidates: readonly Candidate[], evidence: LeafEvidence): Step[] {
  if (from.picks.length === 0) return candidates.map((candidate) => ({ from, candidate, gain: candidate.gain }));
  return candidates
    .map((candidate) => ({ from, candidate, gain: gainOfRest(candidate, from.claimed, evidence) }))
    .filter(({ gain }) => gain > 0);
}

function gainOfRest({ leaves, cost }: Candidate, claimed: Uint8Array, evidence: LeafEvidence): number {
  let [x, y] = [0, 0];
  for (let i = 0; i < leaves.length; i++) {
    const leaf = at(leaves, i);
    if (claimed[leaf] === 1) continue;
    x += at(evidence.x, leaf);
    y += at(evidence.y, leaf);
  }
  return gainOf(x, y, cost);
}

function taken({ from, candidate, gain }: Step): Omit<Attempt, "picks"> {
  const claimed = Uint8Array.from(from.claimed);
  for (const leaf of candidate.leaves) claimed[leaf] = 1;
  return { gains: [...from.gains, gain], total: from.total + gain, claimed };
}

function partsOf({ picks, gains, claimed }: Attempt): Part[] {
  const left = Uint8Array.from(claimed);
  return picks.map((candidate, index) => {
    const leaves = Array.from(candidate.leaves).filter((leaf) => left[leaf] === 1);
    for (const leaf of leaves) left[leaf] = 0;
    return { candidate, leaves, gain: at(gains, index) };
  });
}
