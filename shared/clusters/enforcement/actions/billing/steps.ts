import { createHash } from "node:crypto";
import type { BillingEnforcement, ClusterConfig } from "../../../../config/types.ts";
import { type Decimal, fromInteger, multiply, multiplyDivide, ZERO } from "../../../../core/decimal.ts";
import { canonicalJson } from "../../../../core/json.ts";
import type { BillingState, BillingTarget, Reversible } from "../../../../ports/billing-control.ts";
import { type BillingAction, type LeftOut, RUNGS, type Rung, type Step, type Want } from "../../types.ts";
import { budgetActionCommands, detachCommands, poolCommands } from "./commands.ts";
import { controlName } from "./control-name.ts";
import { reversibilityOf } from "./reversible.ts";
import { budgetActionState, describePool, detachmentState, pinnedPool, poolState } from "./states.ts";

/** Steps that are about an account or a project belong to the plan of no cluster: this stands for one. */
export const BILLING = "billing";

/** What a control read, by `controlName`; a text says why it could not be read. */
export type BillingStates = Readonly<Record<string, BillingState | string>>;

export interface BillingContext {
  clusters: readonly ClusterConfig[];
  now: Date;
  /** Net money per node and hour; undefined: not known. */
  pricePerNode?(cluster: string, pool: string): Decimal | undefined;
}

/** How far each goes. Pools and detaching are for people (row 17 of the decision table; detaching may not come back). */
const ACTION_RUNGS: Readonly<Record<BillingAction, Rung>> = {
  "aws-budget-action": "block",
  "gcp-detach-billing": "human",
  "resize-node-pool": "human",
};

/** What the configuration names for each budget: whatever is not here is never touched. */
export function billingTargets(settings: BillingEnforcement): { budget: string; target: BillingTarget }[] {
  return [
    ...settings.awsBudgetActions.map(({ budget, ...rest }) => ({
      budget,
      target: { kind: "aws-budget-action", ...rest } as const,
    })),
    ...settings.gcpDetachBilling.map(({ budget, project }) => ({
      budget,
      target: { kind: "gcp-detach-billing", project } as const,
    })),
    ...settings.nodePools.map(({ budget, cluster, pool }) => ({
      budget,
      target: { kind: "resize-node-pool", cluster, pool } as const,
    })),
  ];
}

/**
 * The billing-side steps of these wants, and what was left out and why. A want's budget must be the one that the configuration names with the
 * target, and its rung at least the step's. Steps of pools carry their cluster; all others `BILLING`.
 */
export function billingSteps(
  wants: readonly Want[],
  settings: BillingEnforcement,
  states: BillingStates,
  context: BillingContext,
): { steps: Step[]; leftOut: LeftOut[] } {
  const steps: Step[] = [];
  const leftOut: LeftOut[] = [];
  for (const want of wants)
    for (const { budget, target } of billingTargets(settings)) {
      if (want.budget !== budget || !reaches(want, ACTION_RUNGS[target.kind])) continue;
      const subject = subjectOf(target);
      const state = states[controlName(target)] ?? "its state was not read";
      const verdict = propose(target, state, settings, context);
      if ("reason" in verdict) leftOut.push({ subject, policy: want.policy, ...verdict });
      else
        steps.push(
          stepOf(want, target, { ...verdict, reversible: reversibilityOf(target, verdict.read) }, context.now),
        );
    }
  return { steps, leftOut };
}

function reaches(want: Want, rung: Rung): boolean {
  return RUNGS.indexOf(want.rung) >= RUNGS.indexOf(rung);
}

interface Proposal {
  /** As it was read; `from` is what of it counts. */
  read: BillingState;
  from: BillingState;
  to: BillingState;
  commands: readonly string[];
  reverse: string;
  remarks: readonly string[];
  savesPerHour: Decimal;
}

type Verdict = Proposal | { reason: string; hint?: string };

function propose(
  target: BillingTarget,
  state: BillingState | string,
  settings: BillingEnforcement,
  context: BillingContext,
): Verdict {
  if (typeof state === "string") return { reason: state };
  switch (target.kind) {
    case "aws-budget-action":
      return budgetAction(target, state);
    case "gcp-detach-billing":
      return detachment(target, state, settings);
    case "resize-node-pool":
      return pool(target, state, settings, context);
  }
}

function budgetAction(target: Extract<BillingTarget, { kind: "aws-budget-action" }>, read: BillingState): Verdict {
  const { phase, status, actionType = "its action" } = budgetActionState(read);
  if (phase === "executed") return { reason: "AWS or a person has executed it already" };
  if (status === "STANDBY")
    return {
      reason: "its own threshold has not been passed, and AWS executes no action before",
      hint: "give the action a threshold at or below GenOps' and the approval model MANUAL",
    };
  if (phase === "reversed") return { reason: "it was reversed, and does not fire again before somebody resets it" };
  return {
    read,
    from: { phase: "armed" },
    to: { phase: "executed" },
    commands: budgetActionCommands(target),
    reverse: "REVERSE_BUDGET_ACTION, then RESET_BUDGET_ACTION",
    remarks: [`AWS carries out ${actionType} by the action's own role`],
    savesPerHour: ZERO,
  };
}

function detachment(
  { project }: Extract<BillingTarget, { kind: "gcp-detach-billing" }>,
  read: BillingState,
  { allowDetachBilling }: BillingEnforcement,
): Verdict {
  if (!allowDetachBilling)
    return { reason: "billing is detached only where enforcement.billing.allowDetachBilling is true" };
  const { billingAccount } = detachmentState(read);
  if (billingAccount === "") return { reason: "it has no billing account already" };
  return {
    read,
    from: { billingAccount },
    to: { billingAccount: "" },
    commands: detachCommands(project),
    reverse: `linked to ${billingAccount} again`,
    remarks: [`every paid service of ${project} stops at once, those of production too`],
    savesPerHour: ZERO,
  };
}

function pool(
  target: Extract<BillingTarget, { kind: "resize-node-pool" }>,
  read: BillingState,
  { nodePools }: BillingEnforcement,
  { clusters, pricePerNode }: BillingContext,
): Verdict {
  const minimum = nodePools.find((each) => each.cluster === target.cluster && each.pool === target.pool)?.minimum ?? 0;
  const now = poolState(read);
  if (now.progress !== undefined) return { reason: `it is being changed (${now.progress})` };
  if (now.desired <= minimum) return { reason: `it has ${describePool(now)}, and ${minimum} stay` };
  const cluster = clusters.find(({ name }) => name === target.cluster);
  const gone = now.desired - minimum;
  const price = pricePerNode?.(target.cluster, target.pool);
  return {
    read,
    from: read,
    to: { ...pinnedPool(minimum) },
    commands: cluster === undefined ? [] : poolCommands(cluster, target.pool, now, minimum),
    reverse: `back to ${describePool(now)}`,
    remarks: [
      `${gone} ${gone === 1 ? "node goes" : "nodes go"}, with the pods on them; pods that fit nowhere else stay pending`,
      ...(price === undefined ? ["the price of its nodes is not known: nothing is counted as saved"] : []),
    ],
    savesPerHour: price === undefined ? ZERO : multiply(price, fromInteger(gone)),
  };
}

function stepOf(want: Want, target: BillingTarget, proposal: Proposal & { reversible: Reversible }, now: Date): Step {
  const { from, to, commands, reverse, reversible, remarks, savesPerHour } = proposal;
  const control = controlName(target);
  const cluster = target.kind === "resize-node-pool" ? target.cluster : BILLING;
  const identity = canonicalJson({ cluster, control, policy: want.policy, period: want.period, action: target.kind });
  const msLeft = Math.max(0, Date.parse(want.expiresAt) - now.getTime());
  return {
    id: createHash("sha256").update(identity).digest("hex").slice(0, 16),
    action: target.kind,
    layer: "billing",
    rung: ACTION_RUNGS[target.kind],
    policy: want.policy,
    cluster,
    subject: subjectOf(target),
    // An account's or a project's environment is not known, and what is not known is handled as prod.
    environment: "prod",
    write: { kind: "billing", control, from, to },
    reverse: reversible.yes ? reverse : `irreversible: ${reversible.because}`,
    reversible: reversible.yes,
    savesPerHour,
    savesUntilEnd: multiplyDivide(savesPerHour, fromInteger(msLeft), fromInteger(3_600_000)),
    pods: 0,
    commands,
    remarks: [...remarks, "state and rights are asked for before it is done, rights as far as the cloud tells them"],
    expiresAt: want.expiresAt,
  };
}

function subjectOf(target: BillingTarget): string {
  switch (target.kind) {
    case "aws-budget-action":
      return `AWS Budgets action ${target.actionId} of ${target.budgetName} (${target.accountId})`;
    case "gcp-detach-billing":
      return `Google project ${target.project}`;
    case "resize-node-pool":
      return `node pool ${target.pool} of ${target.cluster}`;
  }
}
