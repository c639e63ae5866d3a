import type { Json } from "../core/json.ts";

/** What a billing-side change is about. */
export type BillingTarget =
  /** AWS Budgets: an action that somebody has set up beside a budget (IAM policy, SCP, stop instances). */
  | { kind: "aws-budget-action"; accountId: string; budgetName: string; actionId: string; region?: string }
  | { kind: "gcp-detach-billing"; project: string }
  | { kind: "resize-node-pool"; cluster: string; pool: string };

/**
 * State in the control's own words, plain JSON: `{ phase: "armed" }`, `{ billingAccount: "billingAccounts/X" }`, `{ desired: 5, min: 1, … }`.
 * `progress` is there while the cloud is still at it: the next run calls the same `change` again, until what comes back has none. What only
 * informs (`status`, `actionType`) takes no part in comparisons.
 */
export type BillingState = Readonly<Record<string, Json>>;

export type BillingDryRun =
  /** `unchecked`: what the cloud would not tell beforehand, in words. */
  { ok: true; unchecked?: string } | { ok: false; reason: string };

export type Reversible = { yes: true } | { yes: false; because: string };

/**
 * One way to slow spending through a cloud's own API. Errors are `GenOpsError`: `refused` (names the missing right, or why it is never done),
 * `conflict`, `unavailable` (also: another change of the same thing is under way), `config` (there is no such thing).
 */
export interface BillingControl {
  read(target: BillingTarget): Promise<BillingState>;
  /** Does what the cloud offers as a dry run (IAM simulation, `testIamPermissions`), and checks state. Never changes anything. */
  dryRun(target: BillingTarget, from: BillingState, to: BillingState): Promise<BillingDryRun>;
  /**
   * Changes `from` into `to`; `conflict` when it is neither in `from` nor on the way to `to` any more. The same again is no error. Starts
   * what takes long and does not wait for it: the state that comes back then has `progress`.
   */
  change(target: BillingTarget, from: BillingState, to: BillingState): Promise<BillingState>;
  /** Can `change(to, from)` give everything back? Otherwise why not. `state` is what was read, where that decides it. */
  reversible(target: BillingTarget, state?: BillingState): Reversible;
}
