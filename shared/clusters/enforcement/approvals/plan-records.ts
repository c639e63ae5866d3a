import { GenOpsError } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/json.ts";
import { encodeDocument, readDocument, updateDocument } from "../../../ledger/json-document.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { Plan } from "../types.ts";
import type { ApprovalDeps } from "./deps.ts";
import { isPlanHash, PLANS, PlanRecordSchema, planKey } from "./documents.ts";
import { PlanSchema } from "./plan-schema.ts";
import { approvalsNeeded, standingOf } from "./rules.ts";
import type { PlanChange, PlanRecord, PlanState } from "./types.ts";

const CHANGES = 50;

/** The record of a plan, undefined where there is none. */
export async function readPlan(store: ObjectStore, hash: string): Promise<PlanRecord | undefined> {
  return (await readDocument(store, planKey(hash), PlanRecordSchema))?.value;
}

/** All plans that are kept, the newest proposal first. */
export async function listPlans(store: ObjectStore): Promise<PlanRecord[]> {
  const records: PlanRecord[] = [];
  for await (const { key } of store.list(PLANS)) {
    const hash = key.slice(PLANS.length).replace(/\.json$/, "");
    const record = isPlanHash(hash) ? await readPlan(store, hash) : undefined;
    if (record !== undefined) records.push(record);
  }
  return records.toSorted((a, b) => b.proposedAt.localeCompare(a.proposedAt));
}

/** States in which a plan waits for its beginning. */
export const OPEN: ReadonlySet<PlanState> = new Set(["waiting", "approved", "snoozed"]);

/**
 * Puts a plan before people. The same plan again only brings its prices and its end up to date while it is open or carried out; a rejection
 * stands until it ends, unless `reopen` (a person asks for the plan by hand). One that has ended begins a new life, in which
 * earlier approvals do not count.
 */
export async function proposePlan(
  deps: ApprovalDeps,
  plan: Plan,
  { reopen = false }: { reopen?: boolean } = {},
): Promise<PlanRecord> {
  const now = deps.clock.now();
  const record = await updateDocument(deps.store, planKey(plan.hash), PlanRecordSchema, (current) => {
    if (current === undefined) return newLife(deps, plan, now, undefined);
    if (OPEN.has(current.state)) return refreshed(current, plan, now);
    if (current.state === "applying") return current;
    const holds = current.state === "rejected" && Date.parse(current.until ?? "") > now.getTime();
    return holds && !reopen ? current : newLife(deps, plan, now, current);
  });
  if (record !== undefined) return record;
  throw new GenOpsError("internal", "a plan was written and is not there");
}

/** A life never begins at the instant of the one before it: `proposedAt` tells them apart. */
function newLife(deps: ApprovalDeps, plan: Plan, now: Date, before: PlanRecord | undefined): PlanRecord {
  const earliest = before === undefined ? 0 : Date.parse(before.proposedAt) + 1;
  const at = new Date(Math.max(now.getTime(), earliest)).toISOString();
  const { approvers } = deps.enforcement;
  const life = { plan, proposedAt: at, requesters: [plan.requester] };
  const { state } = standingOf({ ...life, decisions: [], approvers, now });
  const revision = (before?.revision ?? 0) + 1;
  const change: PlanChange = { revision, at, state, text: before === undefined ? "proposed" : "proposed again" };
  return { ...life, state, updatedAt: at, revision, decided: 0, changes: lastOf([...(before?.changes ?? []), change]) };
}

function refreshed(current: PlanRecord, plan: Plan, now: Date): PlanRecord {
  const requesters = [...new Set([...current.requesters, plan.requester])];
  const isSame = textOf(plan) === textOf(current.plan) && requesters.length === current.requesters.length;
  if (isSame) return current;
  return { ...current, plan, requesters, updatedAt: now.toISOString(), revision: current.revision + 1 };
}

/** When it was computed is no news. */
function textOf(plan: Plan): string {
  return new TextDecoder().decode(encodeDocument(PlanSchema, { ...plan, createdAt: "" }));
}

const NEXT: Readonly<Partial<Record<PlanState, readonly PlanState[]>>> = {
  applying: ["applying", "applied", "contested", "failed", "restored"],
  applied: ["applied", "contested", "failed", "restored"],
  contested: ["contested", "applied", "failed", "restored"],
  failed: ["failed", "applying", "applied", "contested", "restored"],
  restored: ["restored"],
};

export interface Advance {
  state: "applying" | "applied" | "restored" | "contested" | "failed";
  progress?: { done: number; of: number };
  /** Why, in words. */
  detail?: string;
}

/**
 * What became of a plan that has begun (`beginPlan`). The same again changes nothing. Throws `conflict` when it has not begun, or such a
 * change makes no sense.
 */
export async function advancePlan(deps: ApprovalDeps, hash: string, advance: Advance): Promise<PlanRecord> {
  const at = deps.clock.now().toISOString();
  const record = await updateDocument(deps.store, planKey(hash), PlanRecordSchema, (current) => {
    if (current === undefined) return undefined;
    if (NEXT[current.state]?.includes(advance.state) !== true)
      throw new GenOpsError("conflict", `plan ${hash} is ${current.state}, so it cannot become ${advance.state}`);
    return advanced(current, advance, at);
  });
  if (record === undefined) throw new GenOpsError("usage", `there is no plan ${hash}`);
  return record;
}

function advanced(current: PlanRecord, advance: Advance, at: string): PlanRecord {
  const { state, progress = current.progress } = advance;
  const goesOn = state === "applying" || state === "applied" || state === current.state;
  const detail = advance.detail ?? (goesOn ? current.detail : undefined);
  const isNews = state !== current.state || detail !== current.detail;
  if (!isNews && canonicalJson(progress ?? null) === canonicalJson(current.progress ?? null)) return current;
  const text = `${state}${progressText(progress)}${advance.detail === undefined ? "" : `: ${advance.detail}`}`;
  const { detail: _, ...rest } = current;
  const told = { ...rest, ...(detail !== undefined && { detail }), ...(progress !== undefined && { progress }) };
  return isNews ? changed(told, { state, at, texts: [text] }) : { ...told, updatedAt: at, revision: told.revision + 1 };
}

export function progressText(progress: PlanRecord["progress"]): string {
  return progress === undefined ? "" : ` ${progress.done} of ${progress.of}`;
}

/** The record one revision later, with what happened. */
export function changed(
  record: PlanRecord,
  { state, at, texts }: { state: PlanState; at: string; texts: readonly string[] },
): PlanRecord {
  const revision = record.revision + 1;
  const changes = texts.map((text): PlanChange => ({ revision, at, state, text }));
  return { ...record, state, updatedAt: at, revision, changes: lastOf([...record.changes, ...changes]) };
}

function lastOf(changes: readonly PlanChange[]): readonly PlanChange[] {
  return changes.slice(-CHANGES);
}

/** `2 approvals by different people`. */
export function needText(plan: Plan): string {
  const needed = approvalsNeeded(plan);
  return needed === 0 ? "none" : needed === 1 ? "1 approval" : `${needed} approvals by different people`;
}
