import { messageOf } from "../../../core/errors.ts";
import { inParallel } from "../../../core/in-parallel.ts";
import { withOwn } from "../hold/document.ts";
import type { ClosedWork, ClusterHolds, OwnWork } from "../types.ts";
import { changeBilling, isBillingAt } from "./billing-work.ts";
import { deleteObjects, makeObjects, missingObject, NotSent } from "./own-objects.ts";
import type { Run } from "./run.ts";
import { failureKind } from "./send.ts";
import type { StepOutcome } from "./types.ts";

/** What became of a piece of own work. `next` undefined: it has ended. */
interface OwnResult {
  work: OwnWork;
  next: OwnWork | undefined;
  outcome: StepOutcome;
  detail?: string;
}

/** Few at once: they are few, and admission policies are felt by the whole cluster. */
const OWN_AT_ONCE = 4;

/**
 * Carries out what the document says of objects of ours and of billing: makes what is pending, takes back what is restoring, looks at what is
 * active. Gives the change of the document that records it. `changes`: what is still as it was is not reported.
 */
export async function settleOwn(
  run: Run,
  works: readonly OwnWork[],
  tell: "all" | "changes" = "all",
): Promise<(document: ClusterHolds) => ClusterHolds> {
  const results = await inParallel(works, OWN_AT_ONCE, (work) => settleOne(run, work));
  for (const { work, next, outcome, detail } of results) {
    if (tell === "changes" && next === work) continue;
    const { step, action, policy, subject } = work;
    run.reports.set(step, { step, action, policy, subject, outcome, ...(detail === undefined ? {} : { detail }) });
  }
  const closedAt = run.now();
  return (document) => {
    // Somebody else may have gone on with it meanwhile; then theirs holds.
    const mine = results.filter(({ work, next }) => next !== work && document.own[work.step]?.state === work.state);
    const changed = new Map(mine.map(({ work, next }) => [work.step, next]));
    const closed = mine.filter(({ next, outcome }) => next === undefined && outcome !== "left-out");
    return withOwn(
      document,
      changed,
      closed.map((each) => closedOf(each, closedAt)),
    );
  };
}

function closedOf({ work, outcome, detail }: OwnResult, closedAt: string): ClosedWork {
  const { step, action, policy, subject, appliedAt, savesPerHour } = work;
  return { step, action, policy, subject, appliedAt, closedAt, outcome: detail ?? outcome, savesPerHour };
}

async function settleOne(run: Run, work: OwnWork): Promise<OwnResult> {
  try {
    if (work.state === "active") return await look(run, work);
    return work.state === "pending" ? await make(run, work) : await takeBack(run, work);
  } catch (error) {
    return failed(run, work, error);
  }
}

async function make(run: Run, work: OwnWork): Promise<OwnResult> {
  const { write } = work;
  if (write.kind === "objects") {
    await makeObjects(run.deps.client, work, write.objects, run.gate);
  } else {
    const change = await changeBilling(run.deps, write.control, write.from, write.to, run.gate);
    if (change.outcome === "later") return later(work, change.detail);
    if (change.outcome === "taken") return taken(work);
  }
  return { work, next: withState(work, "active"), outcome: "active" };
}

function taken(work: OwnWork): OwnResult {
  return {
    work,
    next: undefined,
    outcome: "left-out",
    detail: "cancelled: it was changed by others since it was planned",
  };
}

async function takeBack(run: Run, work: OwnWork): Promise<OwnResult> {
  const { write } = work;
  if (write.kind === "objects") {
    await deleteObjects(run.deps.client, work.step, write.objects, run.gate);
    return { work, next: undefined, outcome: "restored", detail: "restored" };
  }
  const change = await changeBilling(run.deps, write.control, write.to, write.from, run.gate);
  if (change.outcome === "later") return later(work, change.detail);
  return change.outcome === "done"
    ? { work, next: undefined, outcome: "restored", detail: "restored" }
    : { work, next: undefined, outcome: "kept", detail: `changed by others: kept (${change.detail})` };
}

/** The cloud has begun; the next run looks again, and asks for what is still to be done. */
function later(work: OwnWork, detail: string): OwnResult {
  return { work, next: { ...work, detail }, outcome: "waiting", detail };
}

/** Deleted by somebody, or put back: that is a person's word, and is not contradicted. */
async function look(run: Run, work: OwnWork): Promise<OwnResult> {
  const { write, step } = work;
  const missing =
    write.kind === "objects"
      ? await missingObject(run.deps.client, step, write.objects)
      : (await isBillingAt(run.deps, write.control, write.to))
        ? undefined
        : "it was changed by others";
  if (missing === undefined) return { work, next: work, outcome: "active" };
  run.notices.push({ kind: "overridden", subject: work.subject, text: `${work.subject}: ${missing}`, steps: [step] });
  return { work, next: { ...withState(work, "restoring"), detail: missing }, outcome: "overridden", detail: missing };
}

/** What is not known stays as it was announced, for the next run; what was refused on the way in ends, after what was made is taken back. */
async function failed(run: Run, work: OwnWork, error: unknown): Promise<OwnResult> {
  const detail = messageOf(error);
  const kind = error instanceof NotSent ? "not-sent" : failureKind(error);
  if (kind !== "not-sent") run.blast.failed++;
  if (work.state !== "pending") {
    const outcome = kind === "refused" ? "failed" : "waiting";
    return { work, next: work.state === "active" ? work : { ...work, detail }, outcome, detail };
  }
  if (kind === "not-sent") {
    // What was made before the run ended is taken back by the next one.
    return { work, next: { ...withState(work, "restoring"), detail }, outcome: "left-out", detail };
  }
  if (kind === "unknown" || kind === "conflict") return { work, next: { ...work, detail }, outcome: "waiting", detail };
  try {
    if (work.write.kind === "objects") await deleteObjects(run.deps.client, work.step, work.write.objects, run.gate);
  } catch (again) {
    return { work, next: { ...withState(work, "restoring"), detail: messageOf(again) }, outcome: "failed", detail };
  }
  return { work, next: undefined, outcome: "failed", detail: `failed: ${detail}` };
}

function withState(work: OwnWork, state: OwnWork["state"]): OwnWork {
  const { detail: _, ...rest } = work;
  return { ...rest, state };
}
