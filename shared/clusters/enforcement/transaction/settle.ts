import { inParallel } from "../../../core/in-parallel.ts";
import type { ObjectRef } from "../../connections/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import { decide } from "../hold/decide.ts";
import { changeHolds, withHolds } from "../hold/document.ts";
import type { Ended, Notice, Verdict } from "../hold/verdict.ts";
import type { ClosedWork, ClusterHolds, Hold } from "../types.ts";
import { lookAt, type Seen, versionOf } from "./look.ts";
import { AT_ONCE, noteAgain, type Run } from "./run.ts";
import { type Outgoing, sendOne } from "./send.ts";
import type { StepReport } from "./types.ts";

/** A write that lost against somebody else's is decided anew at most so often. */
const MOST_CONFLICTS = 4;
const MOST_ROUNDS = 12;

export interface Settling {
  refs: readonly ObjectRef[];
  /** What is known already; the rest is read. */
  seen?: ReadonlyMap<string, Seen>;
  /** Adds or removes layers, before the first decision and in the same compare-and-swap. Pure; may run several times. */
  prepare?(document: ClusterHolds, seen: ReadonlyMap<string, Seen>): ClusterHolds;
  /** Runs beside the first writes. What it found out is written with their results. */
  during?(): Promise<(document: ClusterHolds) => ClusterHolds>;
}

interface Decided {
  outgoing: readonly Outgoing[];
  ended: readonly { hold: Hold; ended: Ended }[];
  notices: readonly Notice[];
  againMs: readonly number[];
}

/**
 * Brings objects to what their holds say: decide, announce all writes in one compare-and-swap, send them 32 at a time, decide on what was seen,
 * record it in one compare-and-swap, and so on until nothing is left to send. Apply, restore and recovery are this with different layers.
 */
export async function settle(run: Run, { refs, seen: known, prepare, during }: Settling): Promise<void> {
  let seen = new Map(known);
  let fold: ((document: ClusterHolds) => ClusterHolds) | undefined;
  let wanted = refs;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const first = round === 0;
    const decided = await decideAll(run, wanted, seen, (document) => {
      if (first) return prepare?.(document, seen) ?? document;
      return fold?.(document) ?? document;
    });
    take(run, decided);
    fold = undefined;
    const [results, folding] = await Promise.all([
      inParallel(decided.outgoing, AT_ONCE, (each) => sendOne(run, each)),
      first ? during?.() : undefined,
    ]);
    fold = folding;
    const answered = results.filter((each) => each !== undefined).map(giveUp);
    if (answered.length === 0 && fold === undefined) return;
    wanted = answered.map(({ ref }) => ref);
    seen = new Map(answered.map((each) => [each.ref.uid, each]));
  }
}

function giveUp(seen: Seen): Seen {
  if (seen.conflicts < MOST_CONFLICTS) return seen;
  return { ...seen, event: { notSent: "others change the object all the time" } };
}

/**
 * One compare-and-swap. An object must have been seen after its hold was written, or a write of another enforcer would look as if it had been
 * lost: where the hold is another one by now, the object is read again.
 */
async function decideAll(
  run: Run,
  refs: readonly ObjectRef[],
  seen: Map<string, Seen>,
  prepare: (document: ClusterHolds) => ClusterHolds,
): Promise<Decided> {
  const ids = new Map(refs.map(({ uid }) => [uid, run.deps.randomness.id()]));
  const identity = { cluster: run.deps.client.cluster, clusterUid: run.clusterUid };
  return changeHolds(run.deps.store, identity, async (before) => {
    const stale = refs.filter(({ uid }) => seen.get(uid)?.basis !== versionOf(before.holds[uid]));
    for (const { uid } of stale) seen.delete(uid);
    for (const [uid, each] of await lookAt(run, before, stale)) seen.set(uid, each);
    return decideIn(run, prepare(before), refs, seen, ids);
  });
}

function decideIn(
  run: Run,
  document: ClusterHolds,
  refs: readonly ObjectRef[],
  seen: ReadonlyMap<string, Seen>,
  ids: ReadonlyMap<string, string>,
): { document: ClusterHolds; result: Decided } {
  const changed = new Map<string, Hold | undefined>();
  const result = {
    outgoing: [] as Outgoing[],
    ended: [] as Decided["ended"][number][],
    notices: [] as Notice[],
    againMs: [] as number[],
  };
  for (const { uid } of refs) {
    const [hold, each] = [document.holds[uid], seen.get(uid)];
    if (hold === undefined || each === undefined) continue;
    const look = { ...each, now: run.now(), id: ids.get(uid) ?? "" };
    const verdict = decide(hold, look);
    if (versionOf(hold) !== versionOf(verdict.hold)) changed.set(uid, verdict.hold);
    collect(result, hold, verdict, each.conflicts);
  }
  const closed = result.ended.filter(({ ended }) => ended.kind !== "not-sent").map((each) => closedOf(each, run.now()));
  return { document: withHolds(document, changed, closed), result };
}

function collect(
  result: { outgoing: Outgoing[]; ended: Decided["ended"][number][]; notices: Notice[]; againMs: number[] },
  before: Hold,
  { hold, send, ended, notices, againMs }: Verdict,
  conflicts: number,
): void {
  if (send !== undefined && hold !== undefined) result.outgoing.push({ hold, send, conflicts });
  for (const each of ended) result.ended.push({ hold: before, ended: each });
  result.notices.push(...notices);
  if (againMs !== undefined) result.againMs.push(againMs);
}

function closedOf({ hold, ended: { layer, outcome } }: Decided["ended"][number], closedAt: string): ClosedWork {
  const { step, action, policy, appliedAt, savesPerHour } = layer;
  return { step, action, policy, subject: subjectOf(hold.ref), appliedAt, closedAt, outcome, savesPerHour };
}

const OUTCOMES = {
  restored: "restored",
  kept: "kept",
  gone: "gone",
  failed: "failed",
  taken: "left-out",
  "not-sent": "left-out",
} as const;

function take(run: Run, { ended, notices, againMs }: Decided): void {
  for (const { hold, ended: each } of ended) {
    const { step, action, policy } = each.layer;
    const report: StepReport = {
      step,
      action,
      policy,
      subject: subjectOf(hold.ref),
      outcome: OUTCOMES[each.kind],
      detail: each.outcome,
    };
    run.reports.set(step, report);
  }
  run.notices.push(...notices);
  for (const notice of notices) run.deps.log(notice.text);
  for (const ms of againMs) noteAgain(run, ms);
}
