import { messageOf } from "../../../core/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import { subjectOf } from "../actions/common/references.ts";
import { changeHolds, withOwn } from "../hold/document.ts";
import type { ClosedWork, Step } from "../types.ts";
import type { Run } from "./run.ts";

type Write = Extract<Step["write"], { kind: "evict" | "delete" }>;

/** A disruption budget is asked again after so long where the server does not say. */
const BLOCKED_MS = 5_000;

/**
 * Carries out what cannot be undone and people asked for: evictions and deletions. Written down before and after. An eviction that a disruption
 * budget forbids is tried again until the deadline and then reported; it never becomes a deletion.
 */
export async function carryOutIrreversible(run: Run, planHash: string, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const { write } = step;
    if (write.kind !== "evict" && write.kind !== "delete") continue;
    const closed = await run.gate();
    if (closed !== undefined) {
      run.aborted ??= closed;
      report(run, step, "left-out", closed);
      continue;
    }
    await note(run, step, `irreversible: begun (plan ${planHash.slice(0, 12)})`);
    const { done, words } = await carryOut(run, write);
    await note(run, step, `irreversible: ${words}`);
    report(run, step, done ? "carried-out" : "failed", words);
  }
}

function report(
  run: Run,
  { id: step, action, policy, subject }: Step,
  outcome: "left-out" | "carried-out" | "failed",
  detail: string,
): void {
  run.reports.set(step, { step, action, policy, subject, outcome, detail });
}

/** One entry per step: the end takes the place of the beginning. */
async function note(run: Run, step: Step, outcome: string): Promise<void> {
  const now = run.now();
  const identity = { cluster: run.deps.client.cluster, clusterUid: run.clusterUid };
  await changeHolds(run.deps.store, identity, (document) => {
    const before = document.closed.find((each) => each.step === step.id);
    const { id, action, policy, subject, savesPerHour } = step;
    const appliedAt = before?.appliedAt ?? now;
    const entry: ClosedWork = { step: id, action, policy, subject, appliedAt, closedAt: now, outcome, savesPerHour };
    const others = { ...document, closed: document.closed.filter((each) => each !== before) };
    return Promise.resolve({ document: withOwn(others, new Map(), [entry]), result: undefined });
  });
}

async function carryOut(run: Run, write: Write): Promise<{ done: boolean; words: string }> {
  try {
    if (write.kind === "evict") return await evictAll(run, write.pods);
    const { target } = write;
    const was = await run.deps.client.delete(target, { uid: target.uid });
    return { done: true, words: `${subjectOf(target)} ${was ? "deleted" : "was gone already"}` };
  } catch (error) {
    return { done: false, words: messageOf(error) };
  }
}

async function evictAll(
  run: Run,
  pods: Extract<Write, { kind: "evict" }>["pods"],
): Promise<{ done: boolean; words: string }> {
  let done = 0;
  const left: string[] = [];
  for (const pod of pods) {
    const outcome = await evictOne(run, pod);
    if (outcome === undefined) done++;
    else left.push(`${pod.name}: ${outcome}`);
  }
  const words = `${done} of ${pods.length} pods evicted${left.length === 0 ? "" : `; ${left.join("; ")}`}`;
  return { done: left.length === 0, words };
}

/** Why the pod is still there; undefined: it goes, or is gone. Budgets that overlap (500) are a refusal and end it for this pod. */
async function evictOne(
  run: Run,
  pod: { apiVersion: string; kind: string; namespace?: string; name: string; uid: string },
) {
  for (;;) {
    const closed = await run.gate();
    if (closed !== undefined) return closed;
    try {
      const answer = await run.deps.client.evict(pod, pod.uid);
      if (answer.outcome !== "blocked") return undefined;
      if (!(await waits(run.deps, answer.retryAfterMs ?? BLOCKED_MS))) return "a disruption budget does not allow it";
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** False: the deadline comes first. */
async function waits({ clock, deadline }: { clock: Clock; deadline: Date }, ms: number): Promise<boolean> {
  if (clock.now().getTime() + ms >= deadline.getTime()) return false;
  await clock.sleep(ms);
  return true;
}
