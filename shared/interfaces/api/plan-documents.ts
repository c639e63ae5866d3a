import * as z from "zod";
import { approvalsNeeded } from "../../clusters/enforcement/approvals/rules.ts";
import { PLAN_STATES, type PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import { RUNGS, type Step } from "../../clusters/enforcement/types.ts";
import { formatDecimal } from "../../core/decimal.ts";
import { stepText } from "../notifications/plan-message/step-text.ts";
import { Amount, Currency, Instant, Period, Scope } from "./documents.ts";

/** A plan in a list. */
export const PlanItem = z.object({
  hash: z.string(),
  state: z.enum(PLAN_STATES),
  cluster: z.string(),
  environments: z.array(z.string()),
  steps: z.int().describe("how many"),
  leftOut: z.int().describe("how many"),
  currency: Currency,
  savesPerHour: Amount,
  savesUntilEnd: Amount,
  mode: z.enum(["dry-run", "approve", "auto"]),
  approvals: z.int().describe("how many different people have to approve it"),
  requesters: z.array(z.string()),
  proposedAt: Instant,
  updatedAt: Instant,
  expiresAt: Instant,
  detail: z.string().optional(),
  until: Instant.optional().describe("until when a snooze or a rejection holds"),
  progress: z.object({ done: z.int(), of: z.int() }).optional(),
});
export type PlanItem = z.infer<typeof PlanItem>;

export const PlansDocument = z.object({ plans: z.array(PlanItem) });

/** One plan with everything that it would do, and its life so far. Names come from clusters and bills: untrusted text. */
export const PlanDocument = PlanItem.omit({ steps: true, leftOut: true }).extend({
  wants: z.array(
    z.object({
      policy: z.string(),
      budget: z.string().optional(),
      action: z.enum(["throttle", "block"]),
      scopes: z.array(Scope),
      period: Period,
    }),
  ),
  steps: z.array(
    z.object({
      id: z.string(),
      action: z.string(),
      rung: z.enum(RUNGS),
      policy: z.string(),
      subject: z.string(),
      namespace: z.string().optional(),
      environment: z.string(),
      change: z.string().describe("in words: from → to"),
      reverse: z.string(),
      reversible: z.boolean(),
      savesPerHour: Amount,
      savesUntilEnd: Amount,
      pods: z.int(),
      commands: z.array(z.string()).describe("what a person could run instead"),
      remarks: z.array(z.string()),
      expiresAt: Instant,
    }),
  ),
  leftOut: z.array(
    z.object({ subject: z.string(), policy: z.string(), reason: z.string(), hint: z.string().optional() }),
  ),
  remarks: z.array(z.string()),
  changes: z.array(z.object({ at: Instant, state: z.enum(PLAN_STATES), text: z.string() })),
});
export type PlanDocument = z.infer<typeof PlanDocument>;

export function planItem(record: PlanRecord): PlanItem {
  const { plan } = record;
  return { ...headOf(record), steps: plan.steps.length, leftOut: plan.leftOut.length };
}

function headOf({ plan, ...record }: PlanRecord): Omit<PlanItem, "steps" | "leftOut"> {
  const { hash, cluster, currency, expiresAt, needs } = plan;
  const { state, proposedAt, updatedAt, requesters, detail, until, progress } = record;
  return {
    ...{ hash, state, cluster, currency, proposedAt, updatedAt, expiresAt },
    environments: [...new Set(plan.steps.map(({ environment }) => environment))].sort(),
    savesPerHour: formatDecimal(plan.savesPerHour),
    savesUntilEnd: formatDecimal(plan.savesUntilEnd),
    mode: needs.mode,
    approvals: approvalsNeeded(plan),
    requesters: [...requesters],
    ...(detail !== undefined && { detail }),
    ...(until !== undefined && { until }),
    ...(progress !== undefined && { progress }),
  };
}

export function planDocument(record: PlanRecord): PlanDocument {
  const { plan, changes } = record;
  return {
    ...headOf(record),
    wants: plan.wants.map(({ policy, budget, action, scopes, period }) => ({
      ...{ policy, action, period },
      ...(budget !== undefined && { budget }),
      scopes: scopes.map((scope) =>
        Object.fromEntries(Object.entries(scope).map(([name, values]) => [name, [...values]])),
      ),
    })),
    steps: plan.steps.map((step) => stepDocument(step, plan.currency)),
    leftOut: plan.leftOut.map((each) => ({ ...each })),
    remarks: [...plan.remarks],
    changes: changes.map(({ at, state, text }) => ({ at, state, text })),
  };
}

function stepDocument(step: Step, currency: string): PlanDocument["steps"][number] {
  const { layer: _, cluster: __, write: ___, ...shown } = step;
  return {
    ...shown,
    change: stepText(step, currency),
    savesPerHour: formatDecimal(step.savesPerHour),
    savesUntilEnd: formatDecimal(step.savesUntilEnd),
    commands: [...step.commands],
    remarks: [...step.remarks],
  };
}
