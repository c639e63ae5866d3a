import type { Approver } from "../../../config/types.ts";
import { fewestApprovals } from "../plan/needs.ts";
import type { Plan, Step } from "../types.ts";
import { displayName, entriesOf, namesOf, plainName, requesterNames, type SamePerson, samePerson } from "./people.ts";
import type { Decision } from "./types.ts";

/** What the rules look at. Everything is judged anew each time, by the configuration of now. */
export interface Ballot {
  plan: Plan;
  proposedAt: string;
  requesters: readonly string[];
  /** In the order in which they were recorded. */
  decisions: readonly Decision[];
  approvers: readonly Approver[];
  now: Date;
}

/** How a plan stands before it begins. */
export interface Standing {
  state: "waiting" | "approved" | "rejected" | "snoozed" | "expired";
  /** The people whose approval counts now, each once. */
  approvedBy: readonly string[];
  needed: number;
  /** Who rejected or snoozed it, and until when. */
  by?: string;
  until?: string;
}

/** The plan's own count, but never fewer than its steps demand, whatever mode and count the plan gives itself. */
export function approvalsNeeded({ needs, steps }: Pick<Plan, "needs" | "steps">): number {
  const asked = needs.mode === "auto" ? 0 : 1;
  return Math.max(needs.approvals, asked, ...steps.map(fewestApprovals));
}

/** GenOps asks by itself. */
const MACHINE = "genops";

/** Where the plan stands. A rejection weighs more than approvals; a snooze takes back what was approved before it. */
export function standingOf(ballot: Ballot): Standing {
  const { plan, decisions, approvers, now } = ballot;
  const needed = approvalsNeeded(plan);
  const approvedBy = countedApprovals(ballot).map(({ names }) => displayName(names, approvers));
  const standing = (state: Standing["state"], decision?: Decision): Standing => ({
    state,
    approvedBy,
    needed,
    ...(decision && { by: displayName(decision.names, approvers), until: decision.until }),
  });
  const no = decisions.findLast((each) => isNo(each) && isAfter(each.until, now));
  if (no !== undefined) return standing("rejected", no);
  const snooze = decisions.findLast((each) => each.kind === "snooze" && isAfter(each.until, now));
  const enough = approvedBy.length >= needed;
  if (snooze !== undefined && (!enough || needed === 0)) return standing("snoozed", snooze);
  if (!isAfter(plan.expiresAt, now)) return standing("expired");
  return standing(enough && plan.needs.mode !== "dry-run" ? "approved" : "waiting");
}

export const OUTDATED = "this plan was put forward anew since then; look at it again";

const DAY_MS = 86_400_000;
const SNOOZE_DAYS = 31;
const EXEMPT_DAYS = 366;

/** Why a decision does not count, as a sentence to the person who made it. Undefined: it counts. */
export function whyNotCounted(ballot: Ballot, decision: Decision): string | undefined {
  const { plan, proposedAt, approvers, decisions } = ballot;
  const standing = standingOf(ballot);
  const seconds = (instant: string) => Math.floor(Date.parse(instant) / 1000);
  if (seconds(decision.at) < seconds(proposedAt)) return OUTDATED;
  const right = whyNoRight(plan, decision.names, approvers);
  if (right !== undefined) return right;
  if (standing.state === "rejected")
    return `${standing.by ?? "somebody"} has rejected it; that holds until ${standing.until ?? "it expires"}`;
  if (!isAfter(plan.expiresAt, ballot.now)) return `it expired at ${plan.expiresAt}; a newer plan has to be approved`;
  if (decision.kind !== "approve") return whyNoEnd(decision, ballot.now);
  if (plan.needs.mode === "dry-run") return "enforcement.mode is dry-run here, so nothing would be done";
  const isSame = peopleOf(ballot, decision.names);
  if (isRequester(ballot, decision.names, isSame))
    return "you asked for this plan yourself; somebody else has to approve it";
  if (!isAfter(decision.until, ballot.now)) return "your approval is too old; approve it again";
  const before = countedApprovals({ ...ballot, decisions }).some(({ names }) => isSame(names, decision.names));
  return before ? "you have approved it already; a person counts once" : undefined;
}

/** For ever is no end: what is set aside is asked about again one day. */
function whyNoEnd({ kind, until }: Decision, now: Date): string | undefined {
  if (!isAfter(until, now)) return "its end is in the past";
  const most = kind === "snooze" ? SNOOZE_DAYS : kind === "exempt" ? EXEMPT_DAYS : undefined;
  if (most === undefined || Date.parse(until) <= now.getTime() + most * DAY_MS) return undefined;
  return `its end is more than ${most} days away`;
}

function whyNoRight(plan: Plan, names: readonly string[], approvers: readonly Approver[]): string | undefined {
  const entries = entriesOf(names, approvers);
  if (entries.length === 0)
    return `${plainName(names[0] ?? "nobody")} is not listed in enforcement.approvers of genops.yaml`;
  const foreign = plan.steps.find((step) => !entries.some((entry) => mayApprove(entry, step, plan)));
  return foreign === undefined
    ? undefined
    : `you may not decide about ${foreign.environment} (${foreign.subject}): enforcement.approvers names ${listOf(entries)} for you`;
}

function listOf(entries: readonly Approver[]): string {
  return [...new Set(entries.flatMap(({ environments }) => environments))].join(", ");
}

/** An entry names environments, policies or budgets; none means all. */
function mayApprove({ environments }: Approver, step: Step, { wants }: Plan): boolean {
  if (environments.length === 0 || environments.includes(step.environment) || environments.includes(step.policy))
    return true;
  // A step tells its policy alone: where several budgets share one, all of them have to be named.
  const asking = wants.filter(({ policy }) => policy === step.policy);
  return asking.length > 0 && asking.every(({ budget }) => budget !== undefined && environments.includes(budget));
}

/** Approvals that count now, the first of each person. */
function countedApprovals(ballot: Ballot): Decision[] {
  const { plan, decisions, approvers, now } = ballot;
  const isSame = peopleOf(ballot);
  const counted: Decision[] = [];
  const sinceSnooze = decisions.slice(decisions.findLastIndex(({ kind }) => kind === "snooze") + 1);
  for (const decision of sinceSnooze) {
    if (decision.kind !== "approve" || !isAfter(decision.until, now)) continue;
    if (whyNoRight(plan, decision.names, approvers) !== undefined) continue;
    if (isRequester(ballot, decision.names, isSame)) continue;
    if (!counted.some(({ names }) => isSame(names, decision.names))) counted.push(decision);
  }
  return counted;
}

function isRequester({ requesters, approvers }: Ballot, names: readonly string[], isSame: SamePerson): boolean {
  const known = [...names, ...approvers.flatMap(namesOf)];
  const asking = requesters.filter((each) => each !== MACHINE).flatMap((each) => requesterNames(each, known));
  return asking.some((each) => isSame([each], names));
}

function peopleOf({ approvers, decisions }: Ballot, more: readonly string[] = []): SamePerson {
  return samePerson([...approvers.map(namesOf), ...decisions.map(({ names }) => names), more]);
}

function isNo({ kind }: Decision): boolean {
  return kind === "reject" || kind === "exempt";
}

function isAfter(instant: string, now: Date): boolean {
  return Date.parse(instant) > now.getTime();
}
