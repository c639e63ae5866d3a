import { readStoredHolds } from "../../clusters/enforcement/hold/document.ts";
import type { Notice } from "../../clusters/enforcement/hold/verdict.ts";
import { restore } from "../../clusters/enforcement/restore/restore.ts";
import { recover } from "../../clusters/enforcement/transaction/recover.ts";
import type { RestoreReport, RunReport } from "../../clusters/enforcement/transaction/types.ts";
import type { ClusterHolds, RestoreReason, Want } from "../../clusters/enforcement/types.ts";
import { listFindings } from "../../governance/findings/finding-store.ts";
import { reconcileFindings } from "../../governance/findings/reconcile-findings.ts";
import type { Runtime } from "../runtime.ts";
import { tellFindings } from "../tell-findings.ts";
import { handlePlan, type PlanOutcome } from "./carry-out.ts";
import type { ClusterWork } from "./cluster-work.ts";
import { coversHolds, observeHolds } from "./observe-holds.ts";
import { planCluster } from "./plan-cluster.ts";

/** What came of one cluster in a run. */
export interface ClusterOutcome {
  cluster: string;
  plans: readonly PlanOutcome[];
  /** What the run before had left open, and what was given back. */
  reports: readonly (RunReport | RestoreReport)[];
  /** The next run should look again then. */
  verifyAgainAt?: string;
  /** It could not be reached, or is stopped. */
  problem?: string;
}

export interface Wishes {
  wants: readonly Want[];
  /** Policies that are wanted no longer, and why. */
  ended: ReadonlyMap<string, RestoreReason>;
  dataAgeHours: number | undefined;
}

/**
 * One run over one cluster: completes or undoes what an earlier run left, gives back what expired or is wanted no longer, then plans and, where it
 * may, acts.
 */
export async function runCluster(runtime: Runtime, work: ClusterWork, wishes: Wishes): Promise<ClusterOutcome> {
  const reports = work.readOnly ? [] : await bringBack(runtime, work, wishes);
  const plans: PlanOutcome[] = [];
  for (const plan of await planCluster(runtime, work, { ...wishes, requester: "genops" }))
    if (plan.steps.length > 0 || plan.leftOut.length > 0) plans.push(await handleOrKeep(runtime, work, plan));
  const all = [...reports, ...plans.flatMap(({ report }) => report ?? [])];
  if (!work.readOnly)
    await tellHolds(
      runtime,
      work,
      all.flatMap(({ notices }) => notices),
    );
  const again = all.flatMap(({ verifyAgainAt }) => verifyAgainAt ?? []).sort()[0];
  return { cluster: work.name, plans, reports, ...(again === undefined ? {} : { verifyAgainAt: again }) };
}

async function handleOrKeep(runtime: Runtime, work: ClusterWork, plan: PlanOutcome["plan"]): Promise<PlanOutcome> {
  return plan.steps.length === 0
    ? { plan, outcome: "waiting", why: "there is nothing to do" }
    : handlePlan(runtime, work, plan);
}

async function bringBack(
  runtime: Runtime,
  { deps }: ClusterWork,
  wishes: Wishes,
): Promise<(RunReport | RestoreReport)[]> {
  const reports: (RunReport | RestoreReport)[] = [
    await recover(deps),
    await restore(deps, { kind: "expired" }, "expired"),
  ];
  const held = await heldPolicies(runtime, deps.client.cluster);
  const byReason = Map.groupBy(
    held.filter((policy) => !wishes.wants.some((want) => want.policy === policy)),
    (policy) => wishes.ended.get(policy) ?? "no longer wanted",
  );
  for (const [reason, policies] of byReason) {
    // What a person asked for ends by its expiry or by hand.
    const own = policies.filter((policy) => !policy.startsWith("person/"));
    if (own.length > 0) reports.push(await restore(deps, { kind: "policies", policies: own }, reason));
  }
  return reports;
}

async function heldPolicies({ lake }: Runtime, cluster: string): Promise<string[]> {
  const document = await readStoredHolds(lake, cluster);
  if (document === undefined) return [];
  const layers = Object.values(document.holds).flatMap((hold) => hold.layers.map(({ policy }) => policy));
  return [...new Set([...layers, ...Object.values(document.own).map(({ policy }) => policy)])].sort();
}

/** What people have to look at becomes findings, and is told like all others. */
async function tellHolds(runtime: Runtime, work: ClusterWork, notices: readonly Notice[]): Promise<void> {
  const { lake: store, clock, events } = runtime;
  const document: ClusterHolds | undefined = await readStoredHolds(store, work.name);
  const covers = coversHolds(work.name);
  const known = (await listFindings({ store })).filter((finding) => covers(finding) !== undefined);
  const observations = document === undefined ? [] : observeHolds(document, { notices, known }, clock.evaluationNow());
  const changes = await reconcileFindings({ store, clock, events }, { observations, covers });
  await tellFindings(runtime, [...changes.opened, ...changes.updated, ...changes.resolved]);
}
