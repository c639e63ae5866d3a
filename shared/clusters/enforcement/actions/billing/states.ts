import * as z from "zod";
import { GenOpsError } from "../../../../core/errors.ts";
import type { BillingState, BillingTarget } from "../../../../ports/billing-control.ts";

/**
 * An action of AWS Budgets. `armed`: it waits for its threshold, or (`status` PENDING) for an approval. `executed`: what it denies is denied.
 * `reversed`: taken back, and will not fire again before it is reset. `failed`: AWS could not carry it out.
 */
const BudgetAction = z.object({
  phase: z.enum(["armed", "executed", "reversed", "failed"]),
  status: z.exactOptional(z.string()),
  actionType: z.exactOptional(z.string()),
  progress: z.exactOptional(z.string()),
});
export type BudgetActionState = z.infer<typeof BudgetAction>;

/** A project's billing account, `billingAccounts/X`; empty: none, all that costs money is off. */
const Detachment = z.object({ billingAccount: z.string() });
export type DetachmentState = z.infer<typeof Detachment>;

/**
 * A node pool. Not autoscaled: `min` and `max` are `desired`. All counts are nodes of the whole pool. `native`: the autoscaler's settings in
 * the cloud's own words, where these numbers alone would not bring them back.
 */
const Pool = z.object({
  desired: z.int().nonnegative(),
  min: z.int().nonnegative(),
  max: z.int().nonnegative(),
  autoscaled: z.boolean(),
  native: z.exactOptional(z.json()),
  progress: z.exactOptional(z.string()),
});
export type PoolState = z.infer<typeof Pool>;

export const budgetActionState = reader(BudgetAction, "an action of AWS Budgets");
export const detachmentState = reader(Detachment, "a project's billing");
export const poolState = reader(Pool, "a node pool");

/** States travel through plans and records as JSON; what is not one was written by somebody else. */
function reader<T>(schema: z.ZodType<T>, what: string): (state: BillingState) => T {
  return (state) => {
    const { data, error } = schema.safeParse(state);
    if (data !== undefined) return data;
    throw new GenOpsError(
      "refused",
      `this is no state of ${what}: ${JSON.stringify(state)} (${error?.issues[0]?.message})`,
    );
  };
}

/** Whether two states are the same to the control: what only informs, and what an autoscaler moves by itself, does not count. */
export function isSameState(target: BillingTarget, one: BillingState, other: BillingState): boolean {
  switch (target.kind) {
    case "aws-budget-action":
      return budgetActionState(one).phase === budgetActionState(other).phase;
    case "gcp-detach-billing":
      return detachmentState(one).billingAccount === detachmentState(other).billingAccount;
    case "resize-node-pool":
      return isSamePool(poolState(one), poolState(other));
  }
}

/** The size does not count while an autoscaler may move it. */
export function isSamePool(one: PoolState, other: PoolState): boolean {
  const bounds = one.autoscaled === other.autoscaled && one.min === other.min && one.max === other.max;
  return bounds && (one.autoscaled || one.desired === other.desired);
}

/** Pinned at a size: an autoscaler would bring the nodes back. */
export function pinnedPool(nodes: number): PoolState {
  return { desired: nodes, min: nodes, max: nodes, autoscaled: false };
}

/** `5 nodes (1 to 10)` */
export function describePool({ desired, min, max, autoscaled }: PoolState): string {
  return `${desired} ${desired === 1 ? "node" : "nodes"}${autoscaled ? ` (${min} to ${max})` : ""}`;
}
