import { BILLING } from "../../clusters/enforcement/actions/billing/steps.ts";
import { listPlans } from "../../clusters/enforcement/approvals/plan-records.ts";
import type { PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import { readStoredHolds } from "../../clusters/enforcement/hold/document.ts";
import { subjectOf } from "../../clusters/enforcement/hold/hold.ts";
import type { ActionName, ClusterHolds, Rung } from "../../clusters/enforcement/types.ts";
import { type Decimal, formatDecimal } from "../../core/decimal.ts";
import { registeredClusters } from "../cluster-registry.ts";
import type { Runtime } from "../runtime.ts";
import { type KillSwitch, readKillSwitch } from "./kill-switch.ts";
import { type ClusterSaving, clusterSaving } from "./realised.ts";

export interface EnforceStatus {
  stop: KillSwitch | undefined;
  /** Clusters in which something is or was held. */
  clusters: readonly ClusterHolds[];
  /** Planned and realised, for clusters in which something that was to save money is held. */
  savings: readonly ClusterSaving[];
  /** Not ended, the newest first. */
  plans: readonly PlanRecord[];
}

const ENDED = new Set(["expired", "restored", "rejected"]);

/** What is held where, what waits for people, and whether everything is stopped. Reads the lake only: it works while a cluster is away. */
export async function enforceStatus(runtime: Runtime): Promise<EnforceStatus> {
  const configs = (await registeredClusters(runtime)).map(({ config }) => config);
  const names = [...configs.map(({ name }) => name), BILLING];
  const stored = await Promise.all(names.map((name) => readStoredHolds(runtime.lake, name)));
  const clusters = stored.flatMap((each) => each ?? []);
  const plans = await listPlans(runtime.lake);
  const savings: ClusterSaving[] = [];
  // One after the other: each reads bills with an engine of its own.
  for (const holds of clusters) {
    const config = configs.find(({ name }) => name === holds.cluster);
    const saving = await clusterSaving(runtime, config, holds);
    if (saving !== undefined) savings.push(saving);
  }
  return {
    stop: await readKillSwitch(runtime.lake),
    clusters,
    savings,
    plans: plans.filter(({ state }) => !ENDED.has(state)),
  };
}

/** One step that is held, wherever it lies. */
export interface HeldWork {
  cluster: string;
  step: string;
  action: ActionName;
  rung: Rung;
  subject: string;
  policy: string;
  state: string;
  detail?: string;
  appliedAt: string;
  expiresAt: string;
  savesPerHour: Decimal;
}

/** Everything that is held, the newest first. */
export function heldWork({ clusters }: Pick<EnforceStatus, "clusters">): HeldWork[] {
  return clusters
    .flatMap(({ cluster, holds, own }) => [
      ...Object.values(holds).flatMap((hold) =>
        hold.layers.map((layer) => ({ ...workOf(cluster, layer), subject: subjectOf(hold.ref), ...stateOf(hold) })),
      ),
      ...Object.values(own).map((work) => ({ ...workOf(cluster, work), subject: work.subject, ...stateOf(work) })),
    ])
    .toSorted((a, b) => b.appliedAt.localeCompare(a.appliedAt) || a.subject.localeCompare(b.subject));
}

type Worked = Pick<HeldWork, "step" | "action" | "rung" | "policy" | "appliedAt" | "expiresAt" | "savesPerHour">;

function workOf(cluster: string, { step, action, rung, policy, appliedAt, expiresAt, savesPerHour }: Worked) {
  return { cluster, step, action, rung, policy, appliedAt, expiresAt, savesPerHour };
}

function stateOf({ state, detail }: { state: string; detail?: string }): Pick<HeldWork, "state" | "detail"> {
  return { state, ...(detail === undefined ? {} : { detail }) };
}

/** The document of `genops enforce status --format json`. */
export function statusJson(status: EnforceStatus) {
  return {
    stop: status.stop ?? null,
    held: heldWork(status).map((work) => ({ ...work, savesPerHour: formatDecimal(work.savesPerHour) })),
    savings: status.savings.map(({ plannedPerHour, realisedPerHour, ...saving }) => ({
      ...saving,
      plannedPerHour: formatDecimal(plannedPerHour),
      ...(realisedPerHour === undefined ? {} : { realisedPerHour: formatDecimal(realisedPerHour) }),
    })),
    plans: status.plans.map(({ plan, state, detail }) => ({
      plan: plan.hash,
      cluster: plan.cluster,
      state,
      ...(detail === undefined ? {} : { detail }),
      savesPerHour: formatDecimal(plan.savesPerHour),
      currency: plan.currency,
    })),
    closed: status.clusters.flatMap(({ cluster, closed }) =>
      closed.map((work) => ({ cluster, ...work, savesPerHour: formatDecimal(work.savesPerHour) })),
    ),
  };
}
