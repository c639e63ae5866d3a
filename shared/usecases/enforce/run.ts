import { readStoredHolds } from "../../clusters/enforcement/hold/document.ts";
import type { Notice } from "../../clusters/enforcement/hold/verdict.ts";
import type { StepOutcome } from "../../clusters/enforcement/transaction/types.ts";
import { messageOf } from "../../core/errors.ts";
import type { ActionChanged, CloudEvent } from "../../core/events.ts";
import type { Log } from "../../ports/invocation.ts";
import type { Runtime } from "../runtime.ts";
import { followPlans } from "../tell-plan.ts";
import { createConvertAmount } from "./convert-amount.ts";
import { readKillSwitch } from "./kill-switch.ts";
import { type ClusterOutcome, runCluster, type Wishes } from "./run-cluster.ts";
import { settleWants } from "./settle-wants.ts";
import { familiesOf, savedByHolds, savedByPlans, wantsBeside } from "./shared-need.ts";
import { nameOf, openTarget, type Target, targetsOf } from "./targets.ts";

/** What came of a run over all clusters. */
export interface EnforceReport {
  at: string;
  /** Nothing was done: since when, by whom and why. */
  stopped?: string;
  wants: Wishes["wants"];
  /** Why thresholds that are reached are not acted on (yet). */
  notYet: readonly { policy: string; reason: string }[];
  clusters: readonly ClusterOutcome[];
  /** Clusters that there was no time for. */
  left: readonly string[];
}

export interface EnforceOptions {
  /** Only these. */
  clusters?: readonly string[];
  log?: Log;
}

/** Less than this, and a cluster is left to the next invocation. */
const LEAST_MS = 60_000;

/**
 * One run: from where budgets stand to what is held. Clusters one after the other, so that what goes wrong goes wrong in one. A cluster that
 * cannot be reached is a problem in the report and keeps nobody else waiting.
 */
export async function enforceOnce(runtime: Runtime, options: EnforceOptions = {}): Promise<EnforceReport> {
  const at = runtime.clock.now().toISOString();
  const stop = await readKillSwitch(runtime.lake);
  if (stop?.stopped === true) {
    const stopped = `since ${stop.at} by ${stop.by}: ${stop.reason}`;
    return { at, stopped, wants: [], notYet: [], clusters: [], left: [] };
  }
  const targets = await targetsOf(runtime, options.clusters);
  const { notYet, ...wishes } = await settleWants(runtime);
  await followPlans(runtime);
  const clusters: ClusterOutcome[] = [];
  for (const target of targets) {
    if (clusters.length > 0 && runtime.deadline.remainingMs() < LEAST_MS) break;
    const wants = await wantsFor(runtime, target, wishes, clusters);
    clusters.push(await runTarget(runtime, target, { ...wishes, wants }, options.log));
  }
  await publishOutcomes(runtime, clusters);
  // What was given back just now is told now, not a run later.
  await followPlans(runtime);
  return { at, wants: wishes.wants, notYet, clusters, left: targets.slice(clusters.length).map(nameOf) };
}

/** A budget's need is one, however many clusters it reaches. */
async function wantsFor(
  runtime: Runtime,
  target: Target,
  { wants, dataAgeHours }: Wishes,
  before: readonly ClusterOutcome[],
): Promise<Wishes["wants"]> {
  if (wants.every(({ reduceByPerHour }) => reduceByPerHour === undefined)) return wants;
  const { clock, lake, config } = runtime;
  const others = (await targetsOf(runtime)).map(nameOf).filter((name) => name !== nameOf(target));
  const holds = await Promise.all(others.map((name) => readStoredHolds(lake, name)));
  const familyOf = familiesOf(wants);
  const dataAsOf = new Date(clock.evaluationNow().getTime() - (dataAgeHours ?? 0) * 3_600_000);
  const held = savedByHolds(
    holds.flatMap((each) => each ?? []),
    dataAsOf,
    familyOf,
  );
  const planned = savedByPlans(before.map(notCarriedOut), familyOf);
  const convert = createConvertAmount(runtime);
  return wantsBeside(wants, [held, planned], (amount, to) => convert(amount, config.currency.report, to));
}

/** What was carried out is among the holds. */
function notCarriedOut(outcome: ClusterOutcome): ClusterOutcome {
  return { ...outcome, plans: outcome.plans.filter(({ outcome: what }) => what !== "applied") };
}

async function runTarget(runtime: Runtime, target: Target, wishes: Wishes, log?: Log): Promise<ClusterOutcome> {
  try {
    return await runCluster(runtime, await openTarget(runtime, target, log), wishes);
  } catch (error) {
    const problem = messageOf(error);
    log?.error("a cluster could not be worked on", { cluster: nameOf(target), problem });
    return { cluster: nameOf(target), plans: [], reports: [], problem };
  }
}

type ChangeEvent = "genops.action.applied" | "genops.action.restored" | "genops.action.contested";

const EVENTS: Readonly<Partial<Record<StepOutcome, ChangeEvent>>> = {
  active: "genops.action.applied",
  "carried-out": "genops.action.applied",
  restored: "genops.action.restored",
  contested: "genops.action.contested",
};

const OF_NOTICE: Readonly<Partial<Record<Notice["kind"], ChangeEvent>>> = { contested: "genops.action.contested" };

/** What was changed, for whoever listens. */
async function publishOutcomes(runtime: Runtime, outcomes: readonly ClusterOutcome[]): Promise<void> {
  for (const { cluster, plans, reports } of outcomes) {
    const all = [...reports, ...plans.flatMap(({ report }) => report ?? [])];
    const changed = all.flatMap((report) => [
      ...report.steps.map(({ step, outcome }) => ({ step, type: EVENTS[outcome] })),
      // A second look reports no steps: what it found out is in its notices.
      ...report.notices.flatMap(({ kind, steps }) => steps.map((step) => ({ step, type: OF_NOTICE[kind] }))),
    ]);
    for (const [type, steps] of Map.groupBy(changed, (each) => each.type)) {
      const ids = [...new Set(steps.map(({ step }) => step))];
      if (type !== undefined) await runtime.events.publish(changedEvent(runtime, cluster, type, ids));
    }
  }
}

function changedEvent(
  { clock, randomness }: Runtime,
  cluster: string,
  type: ChangeEvent,
  steps: readonly string[],
): CloudEvent {
  return {
    specversion: "1.0",
    id: randomness.id(),
    source: "genops/enforce",
    type,
    subject: cluster,
    time: clock.now().toISOString(),
    datacontenttype: "application/json",
    data: { cluster, steps } satisfies ActionChanged,
  };
}
