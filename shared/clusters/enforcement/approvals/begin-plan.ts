import { updateDocument } from "../../../ledger/json-document.ts";
import { planHash } from "../plan/hash.ts";
import type { ApprovalDeps } from "./deps.ts";
import { ApprovalsSchema, approvalsKey, PlanRecordSchema, planKey } from "./documents.ts";
import { changed, OPEN, readPlan } from "./plan-records.ts";
import { OUTDATED, type Standing, standingOf } from "./rules.ts";
import { approvalsOf, isOutdated, settlePlan } from "./settle-plan.ts";
import type { PlanRecord } from "./types.ts";

export type Beginning = { begun: true; record: PlanRecord } | { begun: false; why: string; record?: PlanRecord };

/**
 * Takes the right to carry a plan out, if it is approved at this moment; from then on no decision counts. The mark is set where decisions are
 * recorded, so a rejection comes either before it and stops it, or after it and is told so. A plan that was begun and not finished may be
 * begun again: a crash is completed, not approved twice.
 */
export async function beginPlan(deps: ApprovalDeps, hash: string): Promise<Beginning> {
  const found = await readPlan(deps.store, hash);
  if (found === undefined) return { begun: false, why: "there is no such plan" };
  if (planHash(found.plan) !== hash)
    return { begun: false, why: "what is stored of it is not what its hash says", record: found };
  if (found.state === "applying") return { begun: true, record: found };
  if (!OPEN.has(found.state)) return { begun: false, why: `it is ${found.state}`, record: found };
  const now = deps.clock.now();
  const why = await markBegun(deps, found, now);
  if (why !== undefined) return { begun: false, why, record: (await settlePlan(deps, hash)) ?? found };
  return markApplying(deps, found, now);
}

/** Undefined: from now on no decision counts. */
async function markBegun(deps: ApprovalDeps, found: PlanRecord, now: Date): Promise<string | undefined> {
  let why: string | undefined;
  await updateDocument(deps.store, approvalsKey(found.plan.hash), ApprovalsSchema, (current) => {
    why = OUTDATED;
    if (isOutdated(found, current)) return current;
    const approvals = approvalsOf(found, current);
    const isDead = approvals.begunAt !== undefined && Date.parse(found.plan.expiresAt) <= now.getTime();
    why = isDead ? "it is expired" : undefined;
    if (approvals.begunAt !== undefined) return current;
    const { decisions } = approvals;
    const standing = standingOf({ ...found, decisions, approvers: deps.enforcement.approvers, now });
    why = whyNotBegun(found, standing);
    return why === undefined ? { ...approvals, begunAt: now.toISOString() } : current;
  });
  return why;
}

function whyNotBegun({ plan }: PlanRecord, { state, approvedBy, needed }: Standing): string | undefined {
  if (state === "approved") return undefined;
  if (state !== "waiting") return `it is ${state}`;
  return plan.needs.mode === "dry-run"
    ? "enforcement.mode is dry-run for it"
    : `it has ${approvedBy.length} of ${needed} approvals`;
}

/** Its mark is set, so what time alone has made of the record meanwhile (expired) does not matter; a new life does. */
async function markApplying(deps: ApprovalDeps, found: PlanRecord, now: Date): Promise<Beginning> {
  const record = await updateDocument(deps.store, planKey(found.plan.hash), PlanRecordSchema, (current) => {
    if (current === undefined || current.proposedAt !== found.proposedAt) return current;
    if (!OPEN.has(current.state) && current.state !== "expired") return current;
    const { until: _, ...rest } = current;
    const progress = { done: 0, of: current.plan.steps.length };
    return changed({ ...rest, progress }, { state: "applying", at: now.toISOString(), texts: ["being applied"] });
  });
  return record?.proposedAt === found.proposedAt
    ? { begun: true, record }
    : { begun: false, why: OUTDATED, ...(record !== undefined && { record }) };
}
