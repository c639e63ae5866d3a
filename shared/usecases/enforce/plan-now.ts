import { proposePlan } from "../../clusters/enforcement/approvals/plan-records.ts";
import type { PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import type { HumanAction } from "../../clusters/enforcement/plan/types.ts";
import type { Plan, Want } from "../../clusters/enforcement/types.ts";
import { messageOf } from "../../core/errors.ts";
import { approvalDeps } from "../approval-deps.ts";
import type { Runtime } from "../runtime.ts";
import { tellPlans } from "../tell-plan.ts";
import { planCluster } from "./plan-cluster.ts";
import { openTarget, targetsOf } from "./targets.ts";

export interface PlanNowOptions {
  /** Only these. */
  clusters?: readonly string[] | undefined;
  wants: readonly Want[];
  dataAgeHours?: number | undefined;
  requester: string;
  /** Rows 15–17, where a person names them. */
  humanActions?: readonly HumanAction[];
  /** Put what has steps before the approvers. */
  propose?: boolean;
}

/** What would be done in one cluster now. */
export interface ClusterPlans {
  cluster: string;
  plans: readonly Plan[];
  /** It could not be read. */
  problem?: string;
  /** Where `propose` was asked for: what was put before people. In mode dry-run nothing is, because no approval would count. */
  records: readonly PlanRecord[];
}

/** Plans for every cluster. Changes nothing, unless they are to be put before people. */
export async function planNow(runtime: Runtime, options: PlanNowOptions): Promise<ClusterPlans[]> {
  const found: ClusterPlans[] = [];
  for (const target of await targetsOf(runtime, options.clusters)) {
    try {
      const work = await openTarget(runtime, target);
      const plans = await planCluster(runtime, work, { ...options, dataAgeHours: options.dataAgeHours });
      const records = options.propose === true && !work.readOnly ? await propose(runtime, plans) : [];
      found.push({ cluster: work.name, plans, records });
    } catch (error) {
      const cluster = typeof target === "string" ? target : target.name;
      found.push({ cluster, plans: [], problem: messageOf(error), records: [] });
    }
  }
  return found;
}

async function propose(runtime: Runtime, plans: readonly Plan[]): Promise<PlanRecord[]> {
  const records: PlanRecord[] = [];
  for (const plan of plans)
    if (plan.steps.length > 0 && plan.needs.mode !== "dry-run")
      records.push(await proposePlan(approvalDeps(runtime), plan, { reopen: true }));
  await tellPlans(runtime, records);
  return records;
}
