import { readDocument, updateDocument } from "../../../ledger/json-document.ts";
import type { ApprovalDeps } from "./deps.ts";
import { ApprovalsSchema, approvalsKey, PlanRecordSchema, planKey } from "./documents.ts";
import { displayName } from "./people.ts";
import { changed, OPEN } from "./plan-records.ts";
import { type Standing, standingOf } from "./rules.ts";
import type { Approvals, Decision, PlanRecord } from "./types.ts";

/**
 * Brings a plan's record up to what was decided and to the time: approved, rejected, snoozed, expired, or waiting again. Safe to call at any
 * time, by anybody; returns the record, undefined where there is no such plan.
 */
export async function settlePlan(deps: ApprovalDeps, hash: string): Promise<PlanRecord | undefined> {
  const approvals = (await readDocument(deps.store, approvalsKey(hash), ApprovalsSchema))?.value;
  const now = deps.clock.now();
  return updateDocument(deps.store, planKey(hash), PlanRecordSchema, (record) =>
    record === undefined ? undefined : settled(deps, record, approvalsOf(record, approvals), now),
  );
}

/** What was said about this life of the plan. */
export function approvalsOf(record: PlanRecord, approvals: Approvals | undefined): Approvals {
  return approvals?.proposedAt === record.proposedAt
    ? approvals
    : { planHash: record.plan.hash, proposedAt: record.proposedAt, decisions: [], refusals: [] };
}

/** Was the plan put forward anew since `record` was read? Then it speaks of a life that is over. */
export function isOutdated({ proposedAt }: PlanRecord, approvals: Approvals | undefined): boolean {
  return approvals !== undefined && Date.parse(approvals.proposedAt) > Date.parse(proposedAt);
}

function settled(deps: ApprovalDeps, record: PlanRecord, approvals: Approvals, now: Date): PlanRecord {
  const { decisions, begunAt } = approvals;
  // Somebody else has seen more decisions.
  if (!OPEN.has(record.state) || decisions.length < record.decided) return record;
  if (begunAt !== undefined)
    return Date.parse(record.plan.expiresAt) > now.getTime() ? record : died(record, begunAt, now);
  const { approvers } = deps.enforcement;
  const standing = standingOf({ ...record, decisions, approvers, now });
  const texts = decisions.slice(record.decided).map((each) => decisionText(each, standing, deps));
  if (texts.length === 0 && standing.state === record.state) return record;
  if (texts.length === 0) texts.push(changeText(record, standing));
  const { until: _, detail: __, ...rest } = record;
  const held = standing.state === "rejected" || standing.state === "snoozed";
  const next = {
    ...rest,
    decided: decisions.length,
    ...(held && standing.until !== undefined && { until: standing.until }),
    ...detailOf(standing, decisions),
  };
  return changed(next, { state: standing.state, at: now.toISOString(), texts });
}

/** Whoever began it died before the first write and nobody went on in time. */
function died(record: PlanRecord, begunAt: string, now: Date): PlanRecord {
  const text = `expired: it was begun at ${begunAt} and not carried out until ${record.plan.expiresAt}`;
  return changed(record, { state: "expired", at: now.toISOString(), texts: [text] });
}

function decisionText({ kind, names, until, reason }: Decision, { approvedBy, needed }: Standing, deps: ApprovalDeps) {
  const by = displayName(names, deps.enforcement.approvers);
  const why = reason === undefined ? "" : `: ${reason}`;
  switch (kind) {
    case "approve":
      return `approved by ${by} (${Math.min(approvedBy.length, needed)} of ${needed})${why}`;
    case "reject":
      return `rejected by ${by}${why}`;
    case "snooze":
      return `snoozed by ${by} until ${until}${why}`;
    case "exempt":
      return `set aside by ${by}${why}`;
  }
}

/** Time alone changed it. */
function changeText(record: PlanRecord, standing: Standing): string {
  if (standing.state === "expired") return `expired: it was not begun until ${record.plan.expiresAt}`;
  if (record.state === "snoozed") return "asked again after the snooze";
  return record.state === "approved" ? "an approval is no longer valid, so it waits again" : standing.state;
}

function detailOf({ state, approvedBy, by }: Standing, decisions: readonly Decision[]): { detail?: string } {
  if (state === "approved" && approvedBy.length > 0) return { detail: `approved by ${approvedBy.join(" and ")}` };
  if (state === "waiting" && approvedBy.length > 0) return { detail: `approved so far by ${approvedBy.join(" and ")}` };
  const reason = decisions.findLast(({ kind }) => kind === "reject" || kind === "exempt")?.reason;
  if (state === "rejected") return { detail: `by ${by ?? "somebody"}${reason === undefined ? "" : `: ${reason}`}` };
  return state === "snoozed" ? { detail: `by ${by ?? "somebody"}` } : {};
}
