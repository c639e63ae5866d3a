import { readHolds } from "../hold/document.ts";
import { activeLayers } from "../hold/hold.ts";
import type { ClusterHolds, OwnWork, Plan, Step } from "../types.ts";
import { type ApplyOptions, refusalOf } from "./check-plan.ts";
import { tryAll, tryStep } from "./dry-run.ts";
import { addSteps, type FieldStep, fieldTargets, isFieldStep, tryObject } from "./field-steps.ts";
import { carryOutIrreversible } from "./irreversible.ts";
import { lookAt, type Seen } from "./look.ts";
import { settleOwn } from "./own-work.ts";
import { endReport } from "./report.ts";
import { beginRun, type Run, tooManyFailed } from "./run.ts";
import { settle } from "./settle.ts";
import type { ApplyReport, StepOutcome, TransactionDeps } from "./types.ts";

/**
 * Carries out a plan in one cluster (ADR 0015): dry run of every write by the server, all intents in one compare-and-swap, conditional writes,
 * all results in one compare-and-swap, and a second look. What the server refuses is left out with its words; when more than the allowed
 * share fails, nothing more is sent. The same plan again changes nothing.
 */
export async function applyPlan(deps: TransactionDeps, plan: Plan, options: ApplyOptions = {}): Promise<ApplyReport> {
  const run = await beginRun(deps, "stop");
  const refused = refusalOf(plan, run.clusterUid, deps, options);
  if (refused !== undefined) return { ...endReport(run), planHash: plan.hash, refused };
  const steps = withinCap(run, plan.steps);
  const document = await readHolds(deps.store, deps.client.cluster, run.clusterUid);
  const { accepted, seen } = await tryOut(run, document, steps);
  const stopped = await stopReason(run, steps.length);
  if (stopped !== undefined || plan.needs.mode === "dry-run") {
    for (const step of accepted) reportStep(run, step, stopped === undefined ? "would" : "left-out", stopped);
    if (stopped !== undefined) run.aborted = stopped;
    return { ...endReport(run), planHash: plan.hash };
  }
  run.blast.total = accepted.length;
  run.blast.failed = 0;
  await carryOut(run, plan, accepted, seen);
  await reportHeld(run, accepted);
  return { ...endReport(run), planHash: plan.hash };
}

async function stopReason(run: Run, total: number): Promise<string | undefined> {
  run.blast.total = total;
  if (tooManyFailed(run.blast, run.deps.caps.failedShare)) {
    return `the server would refuse ${run.blast.failed} of ${total} writes: nothing was done`;
  }
  return run.gate();
}

/** The plan keeps to the cap already; this holds for plans of any origin. */
function withinCap(run: Run, steps: readonly Step[]): readonly Step[] {
  const { objectsPerRun } = run.deps.caps;
  for (const step of steps.slice(objectsPerRun))
    reportStep(run, step, "left-out", `more than ${objectsPerRun} objects in one run`);
  return steps.slice(0, objectsPerRun);
}

/** The steps that the server would carry out, and what was seen of their objects: it is written on, as long as their versions are the same. */
async function tryOut(run: Run, document: ClusterHolds, steps: readonly Step[]) {
  const targets = fieldTargets(steps);
  const seen = await lookAt(
    run,
    document,
    targets.map(({ ref }) => ref),
  );
  const tried = await tryAll(targets, async (target) => ({
    target,
    why: await tryObject(run, document, target, seen),
  }));
  const others = await tryAll(
    steps.filter((step) => !isFieldStep(step)),
    async (step) => ({ step, why: document.own[step.id] === undefined ? await tryStep(run, step) : undefined }),
  );
  const refusals = new Map<string, string>();
  for (const { target, why } of tried) if (why !== undefined) for (const { id } of target.steps) refusals.set(id, why);
  for (const { step, why } of others) if (why !== undefined) refusals.set(step.id, why);
  for (const step of steps) {
    const why = refusals.get(step.id);
    if (why !== undefined) reportStep(run, step, "left-out", why);
  }
  run.blast.failed = refusals.size;
  return { accepted: steps.filter(({ id }) => !refusals.has(id)), seen };
}

async function carryOut(run: Run, plan: Plan, steps: readonly Step[], known: ReadonlyMap<string, Seen>): Promise<void> {
  const targets = fieldTargets(steps);
  const refs = targets.map(({ ref }) => ref);
  const now = run.now();
  const own = steps.map((step) => ownWork(plan, step, now)).filter((each) => each !== undefined);
  await settle(run, {
    refs,
    seen: known,
    prepare: (document, seen) => withNewOwn(addSteps(document, plan, targets, seen, now), own),
    ...(own.length === 0 ? {} : { during: () => settleNewOwn(run, own) }),
  });
  await carryOutIrreversible(run, plan.hash, steps);
  // A second look: a controller that puts our values back at once is noticed now, the others by the next run.
  await settle(run, { refs });
}

function ownWork(
  plan: Plan,
  { id, write, action, rung, policy, environment, subject, expiresAt, savesPerHour }: Step,
  now: string,
): OwnWork | undefined {
  if (write.kind !== "objects" && write.kind !== "billing") return undefined;
  const what = { step: id, planHash: plan.hash, action, rung, policy, environment, subject, expiresAt, savesPerHour };
  return { ...what, write, state: "pending", appliedAt: now };
}

/** What is there already stays as it is; what was on its way out is wanted again. */
function withNewOwn(document: ClusterHolds, works: readonly OwnWork[]): ClusterHolds {
  const fresh = works.filter(({ step }) => {
    const known = document.own[step]?.state;
    return known === undefined || known === "restoring" || known === "failed";
  });
  if (fresh.length === 0) return document;
  return { ...document, own: { ...document.own, ...Object.fromEntries(fresh.map((work) => [work.step, work])) } };
}

async function settleNewOwn(run: Run, works: readonly OwnWork[]) {
  const { own } = await readHolds(run.deps.store, run.deps.client.cluster, run.clusterUid);
  return settleOwn(
    run,
    works.map(({ step }) => own[step]).filter((work) => work !== undefined),
  );
}

const HELD = {
  pending: "waiting",
  active: "active",
  contested: "contested",
  overridden: "overridden",
  failed: "failed",
  gone: "gone",
} as const;

/** What the document says of the steps in the end, for those of which nothing was reported on the way. */
async function reportHeld(run: Run, steps: readonly Step[]): Promise<void> {
  const { holds } = await readHolds(run.deps.store, run.deps.client.cluster, run.clusterUid);
  for (const step of steps.filter(isFieldStep)) {
    if (run.reports.has(step.id)) continue;
    const hold = holds[(step as FieldStep).write.target.uid];
    const isIn = hold !== undefined && activeLayers(hold).some((layer) => layer.step === step.id);
    if (isIn) reportStep(run, step, HELD[hold.state], hold.detail);
    else reportStep(run, step, "left-out", "the object could not be read");
  }
}

function reportStep(run: Run, { id, action, policy, subject }: Step, outcome: StepOutcome, detail?: string): void {
  if (run.reports.has(id)) return;
  run.reports.set(id, { step: id, action, policy, subject, outcome, ...(detail === undefined ? {} : { detail }) });
}
