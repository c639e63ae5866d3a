import * as z from "zod";
import { reversibilityOf } from "../../clusters/enforcement/actions/billing/reversible.ts";
import { type BudgetActionState, budgetActionState } from "../../clusters/enforcement/actions/billing/states.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { BillingControl, BillingDryRun, BillingTarget } from "../../ports/billing-control.ts";
import { exceptionOf, type SignedAnswer, sendSigned } from "./signed-request.ts";
import { type SimulationOptions, simulateRight } from "./simulate-rights.ts";

export interface BudgetActionOptions extends Omit<SimulationOptions, "region" | "urls"> {
  /** Instead of AWS's, for tests. */
  urls?: { budgets?: string; sts?: string; iam?: string } | undefined;
}

type Target = Extract<BillingTarget, { kind: "aws-budget-action" }>;
type ExecutionType = "APPROVE_BUDGET_ACTION" | "RETRY_BUDGET_ACTION" | "REVERSE_BUDGET_ACTION" | "RESET_BUDGET_ACTION";

const Answer = z.object({ Action: z.object({ Status: z.string(), ActionType: z.string() }) });

/** Statuses as AWS names them → what they mean here. */
const PHASES: Readonly<Record<string, BudgetActionState["phase"]>> = {
  STANDBY: "armed",
  PENDING: "armed",
  EXECUTION_IN_PROGRESS: "executed",
  EXECUTION_SUCCESS: "executed",
  EXECUTION_FAILURE: "failed",
  REVERSE_IN_PROGRESS: "reversed",
  REVERSE_SUCCESS: "reversed",
  REVERSE_FAILURE: "executed",
  RESET_IN_PROGRESS: "armed",
  RESET_FAILURE: "reversed",
};

/**
 * Actions that somebody has set up beside a budget in AWS Budgets: `armed` → `executed` approves one whose threshold has been passed
 * (AWS executes no other), `executed` → `armed` reverses and then resets it, one call per run. Needs `budgets:DescribeBudgetAction` and
 * `budgets:ExecuteBudgetAction`; what is done, the action's own role does.
 */
export function createBudgetActions(options: BudgetActionOptions): BillingControl {
  return {
    async read(target) {
      return describe(options, own(target));
    },
    async dryRun(target, from, to) {
      const now = await describe(options, own(target));
      const next = nextCall(now, budgetActionState(from), budgetActionState(to));
      if ("refusal" in next) return { ok: false, reason: next.refusal };
      return mayExecute(options, own(target));
    },
    async change(target, from, to) {
      const now = await describe(options, own(target));
      const next = nextCall(now, budgetActionState(from), budgetActionState(to));
      if ("refusal" in next) throw new GenOpsError(next.code, `${nameOf(own(target))}: ${next.refusal}`);
      if (next.call === "none") return now;
      await call(options, own(target), "ExecuteBudgetAction", { ExecutionType: next.call });
      const after = await describe(options, own(target));
      return isThere(after, budgetActionState(to)) ? after : { ...after, progress: after.progress ?? next.call };
    },
    reversible: reversibilityOf,
  };
}

type Next = { call: ExecutionType | "none" } | { refusal: string; code: "refused" | "conflict" };

function isThere(now: BudgetActionState, to: BudgetActionState): boolean {
  return now.phase === to.phase && now.progress === undefined;
}

/** AWS's own order of states, walked from where the action is now. */
function nextCall(now: BudgetActionState, from: BudgetActionState, to: BudgetActionState): Next {
  if (isThere(now, to)) return { call: "none" };
  const way = `${from.phase} → ${to.phase}`;
  if (now.progress !== undefined && now.phase !== "failed") return { call: "none" };
  if (way === "armed → executed") {
    if (now.phase === "failed") return { call: "RETRY_BUDGET_ACTION" };
    if (now.status === "PENDING") return { call: "APPROVE_BUDGET_ACTION" };
    if (now.status === "STANDBY") return { code: "refused", refusal: STANDS_BY };
  }
  if (way === "executed → armed") {
    if (now.phase === "executed") return { call: "REVERSE_BUDGET_ACTION" };
    if (now.phase === "reversed") return { call: "RESET_BUDGET_ACTION" };
  }
  return { code: "conflict", refusal: `it is ${now.phase} (${now.status}), which is not on the way ${way}` };
}

const STANDS_BY =
  "it stands by: AWS executes an action only after its own threshold has been passed. Give it a threshold at or below GenOps' and the approval model MANUAL";

async function describe(options: BudgetActionOptions, target: Target): Promise<BudgetActionState> {
  const answer = await call(options, target, "DescribeBudgetAction");
  const { Status: status, ActionType: actionType } = Answer.parse(JSON.parse(answer.text)).Action;
  const phase = PHASES[status];
  if (phase === undefined) throw new GenOpsError("refused", `${nameOf(target)} has a status unknown here: ${status}`);
  return { phase, status, actionType, ...(status.endsWith("_IN_PROGRESS") ? { progress: status } : {}) };
}

async function mayExecute(options: BudgetActionOptions, target: Target): Promise<BillingDryRun> {
  const { accountId, budgetName, actionId } = target;
  const partition = regionOf(target).startsWith("cn-") ? "aws-cn" : "aws";
  const arn = `arn:${partition}:budgets::${accountId}:budget/${budgetName}/action/${actionId}`;
  const simulated = await simulateRight({ ...options, region: regionOf(target) }, "budgets:ExecuteBudgetAction", arn);
  if (simulated.outcome === "denied") return { ok: false, reason: simulated.detail };
  return simulated.outcome === "allowed" ? { ok: true } : { ok: true, unchecked: simulated.detail };
}

async function call(
  options: BudgetActionOptions,
  target: Target,
  operation: "DescribeBudgetAction" | "ExecuteBudgetAction",
  more: Readonly<Record<string, string>> = {},
): Promise<SignedAnswer> {
  const { accountId: AccountId, budgetName: BudgetName, actionId: ActionId } = target;
  const region = regionOf(target);
  const answer = await sendSigned({
    ...options,
    service: "budgets",
    region,
    url: new URL(options.urls?.budgets ?? `https://budgets.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`),
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSBudgetServiceGateway.${operation}`,
    },
    body: JSON.stringify({ AccountId, BudgetName, ActionId, ...more }),
  });
  if (answer.status === 200) return answer;
  throw failure(target, operation, answer);
}

function failure(target: Target, operation: string, answer: SignedAnswer): GenOpsError {
  const { name, said } = exceptionOf(answer);
  const text = `${nameOf(target)}: ${operation}: ${name || answer.status} ${said}`.trim();
  switch (name) {
    case "AccessDeniedException":
      return new GenOpsError("refused", `${text}; allow budgets:${operation} on the action`);
    case "NotFoundException":
      return new GenOpsError("config", `${text}; look at enforcement.billing.awsBudgetActions`);
    case "ResourceLockedException":
    case "ThrottlingException":
    case "InternalErrorException":
      return new GenOpsError("unavailable", text);
    default:
      return new GenOpsError(answer.status >= 500 || answer.status === 429 ? "unavailable" : "refused", text);
  }
}

/** The one place that Budgets of a partition lives in. */
function regionOf({ region }: Target): string {
  return region ?? "us-east-1";
}

function nameOf({ accountId, budgetName, actionId }: Target): string {
  return `action ${actionId} of the budget ${budgetName} in ${accountId}`;
}

function own(target: BillingTarget): Target {
  if (target.kind === "aws-budget-action") return target;
  throw new GenOpsError("internal", `AWS Budgets has no ${target.kind}`);
}
