import { beginPlan } from "../../clusters/enforcement/approvals/begin-plan.ts";
import { advancePlan, proposePlan, readPlan } from "../../clusters/enforcement/approvals/plan-records.ts";
import { approvalsNeeded } from "../../clusters/enforcement/approvals/rules.ts";
import type { PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import { needsOf } from "../../clusters/enforcement/plan/needs.ts";
import { applyPlan } from "../../clusters/enforcement/transaction/apply-plan.ts";
import type { ApplyReport } from "../../clusters/enforcement/transaction/types.ts";
import type { Plan } from "../../clusters/enforcement/types.ts";
import { approvalDeps } from "../approval-deps.ts";
import type { Runtime } from "../runtime.ts";
import { tellPlan } from "../tell-plan.ts";
import type { ClusterWork } from "./cluster-work.ts";
import { logDryRun } from "./dry-run-log.ts";

/** What came of a plan in this run. */
export interface PlanOutcome {
  plan: Plan;
  /** `dry-run`: written down only. `waiting`: for people. `applied`: carried out, see `report`. */
  outcome: "dry-run" | "waiting" | "applied";
  /** Why it was not begun. */
  why?: string;
  record?: PlanRecord;
  report?: ApplyReport;
}

/** Does with a plan what its mode says: writes it down, puts it before people, or carries it out. */
export async function handlePlan(runtime: Runtime, work: ClusterWork, plan: Plan): Promise<PlanOutcome> {
  if (plan.needs.mode === "dry-run" || work.readOnly) {
    await logDryRun(runtime, plan);
    const why = work.readOnly ? "a snapshot is never written" : "enforcement.mode is dry-run for it";
    return { plan, outcome: "dry-run", why };
  }
  const record = await proposePlan(approvalDeps(runtime), plan);
  const outcome = await carryOut(runtime, work, plan.hash);
  if (outcome.outcome === "waiting") await tellPlan(runtime, outcome.record ?? record);
  return outcome;
}

/** Carries out what is approved: exactly the plan that was, whatever a plan of now would say. */
export async function carryOut(runtime: Runtime, work: ClusterWork, hash: string): Promise<PlanOutcome> {
  const deps = approvalDeps(runtime);
  const planned = await readPlan(runtime.lake, hash);
  const why = planned && whyMoreCareful(runtime, planned);
  if (planned !== undefined && why !== undefined)
    return { plan: planned.plan, outcome: "waiting", why, record: planned };
  const beginning = await beginPlan(deps, hash);
  const record = beginning.record ?? (await readPlan(runtime.lake, hash));
  if (record === undefined) throw new TypeError(`a plan was begun that is not there: ${hash}`);
  const { plan } = record;
  if (!beginning.begun) return { plan, outcome: "waiting", why: beginning.why, record };
  const report = await applyPlan(work.deps, plan);
  const after = await advancePlan(deps, hash, advanceOf(plan, report));
  await tellPlan(runtime, after);
  return { plan, outcome: "applied", record: after, report };
}

/** What a plan needs was settled when it was made; where the configuration asks for more since, it is not begun by the old word. */
function whyMoreCareful({ config }: Runtime, { plan }: PlanRecord): string | undefined {
  const { mode, approvals } = needsOf(plan.steps, config.enforcement);
  if (plan.needs.mode !== "dry-run" && mode === "dry-run") return "enforcement.mode is dry-run now";
  if (approvals <= approvalsNeeded(plan)) return undefined;
  return `it needs ${approvals === 1 ? "1 approval" : `${approvals} approvals`} by the configuration of now: plan it again`;
}

function advanceOf({ steps }: Plan, report: ApplyReport): Parameters<typeof advancePlan>[2] {
  const count = (...outcomes: string[]) => report.steps.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const done = count("active", "done", "waiting", "carried-out");
  const progress = { done, of: steps.length };
  const detail = report.refused ?? report.aborted;
  const told = detail === undefined ? {} : { detail };
  if (count("contested") > 0) return { state: "contested", progress, ...told };
  if (done === 0 && steps.length > 0) return { state: "failed", progress, ...told };
  return { state: "applied", progress, ...told };
}
