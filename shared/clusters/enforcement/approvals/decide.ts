import { updateDocument } from "../../../ledger/json-document.ts";
import type { ApprovalDeps } from "./deps.ts";
import { ApprovalsSchema, approvalsKey } from "./documents.ts";
import { readPlan } from "./plan-records.ts";
import { OUTDATED, whyNotCounted } from "./rules.ts";
import { approvalsOf, isOutdated, settlePlan } from "./settle-plan.ts";
import type { Approvals, Decision, PlanRecord, Refusal } from "./types.ts";

const REFUSALS = 50;
const MINUTE_MS = 60_000;

export type DecisionOutcome =
  | { counted: true; record: PlanRecord }
  /** `why` is a sentence for the person who decided. */
  | { counted: false; why: string; record?: PlanRecord };

/** A decision as its maker gives it; `until` is filled in for those that end by the configuration. */
export type NewDecision = Omit<Decision, "until"> & { until?: string };

/** Records what a person decided about a plan, if it counts, and what has become of the plan by it. The same `id` again changes nothing. */
export async function decide(deps: ApprovalDeps, hash: string, given: NewDecision): Promise<DecisionOutcome> {
  const found = await readPlan(deps.store, hash);
  if (found === undefined) return { counted: false, why: "there is no such plan any more" };
  const decision = { ...given, until: given.until ?? endOf(deps, found, given) };
  let why: string | undefined;
  await updateDocument(deps.store, approvalsKey(hash), ApprovalsSchema, (current) => {
    why = OUTDATED;
    if (isOutdated(found, current)) return current;
    const approvals = approvalsOf(found, current);
    const known = approvals.refusals.find(({ id }) => id === decision.id);
    why = known?.why;
    if (known !== undefined || approvals.decisions.some(({ id }) => id === decision.id)) return current;
    why = whyNot(deps, found, approvals, decision);
    return why === undefined
      ? { ...approvals, decisions: [...approvals.decisions, decision] }
      : { ...approvals, refusals: [...approvals.refusals, refusalOf(decision, why)].slice(-REFUSALS) };
  });
  const record = (await settlePlan(deps, hash)) ?? found;
  return why === undefined ? { counted: true, record } : { counted: false, why, record };
}

/** An approval lasts as configured; a no lasts as long as what asks for the plan. */
function endOf({ enforcement }: ApprovalDeps, { plan }: PlanRecord, { kind, at }: NewDecision): string {
  const ends = kind === "approve" ? [] : [plan.expiresAt, ...plan.wants.map(({ expiresAt }) => expiresAt)];
  const approval = Date.parse(at) + enforcement.approvalExpiresMinutes * MINUTE_MS;
  const end = kind === "approve" ? approval : Math.max(...ends.map((instant) => Date.parse(instant)));
  return new Date(end).toISOString();
}

function whyNot(
  { enforcement, clock }: ApprovalDeps,
  record: PlanRecord,
  { decisions, begunAt }: Approvals,
  decision: Decision,
): string | undefined {
  if (begunAt !== undefined)
    return `it was begun at ${begunAt}; what it does is taken back with \`genops enforce restore\``;
  return whyNotCounted({ ...record, decisions, approvers: enforcement.approvers, now: clock.now() }, decision);
}

function refusalOf({ id, kind, names, at }: Decision, why: string): Refusal {
  return { id, kind, names, at, why };
}
