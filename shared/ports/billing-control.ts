import type { Json } from "../core/json.ts";

/** What a billing-side change is about. */
export type BillingTarget =
  /** AWS Budgets: an action that somebody has set up beside a budget (IAM policy, SCP, stop instances). */
  | { kind: "aws-budget-action"; accountId: string; budgetName: string; actionId: string; region?: string }
  | { kind: "gcp-detach-billing"; project: string }
  | { kind: "resize-node-pool"; cluster: string; pool: string };

/** State in the control's own words, plain JSON: `{ status: "STANDBY" }`, `{ billingAccount: "billingAccounts/X" }`, `{ desired: 5, min: 1 }`. */
export type BillingState = Readonly<Record<string, Json>>;

/** One way to slow spending through a cloud's own API. Errors are `GenOpsError`: `refused` names the missing right. */
export interface BillingControl {
  read(target: BillingTarget): Promise<BillingState>;
  /** Does what the cloud offers as a dry run (IAM simulation, `validateOnly`), else checks rights and state. Never changes anything. */
  dryRun(
    target: BillingTarget,
    from: BillingState,
    to: BillingState,
  ): Promise<{ ok: true } | { ok: false; reason: string }>;
  /** Changes `from` into `to`; `conflict` when it is not in `from` any more. The same again is no error. */
  change(target: BillingTarget, from: BillingState, to: BillingState): Promise<BillingState>;
  /** Can `change(to, from)` give everything back? Otherwise why not. */
  reversible(target: BillingTarget): { yes: true } | { yes: false; because: string };
}
