import * as z from "zod";
import { type DecisionOutcome, decide, type NewDecision } from "../clusters/enforcement/approvals/decide.ts";
import { addExemption } from "../clusters/enforcement/approvals/exemptions.ts";
import { displayName, oidcName, slackName } from "../clusters/enforcement/approvals/people.ts";
import { listPlans, readPlan } from "../clusters/enforcement/approvals/plan-records.ts";
import { settlePlan } from "../clusters/enforcement/approvals/settle-plan.ts";
import {
  DECISIONS,
  type DecisionKind,
  type Exemption,
  type PlanRecord,
} from "../clusters/enforcement/approvals/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { ActionDecided, CloudEvent } from "../core/events.ts";
import type { PlanApi, PlanWish } from "../interfaces/api/deps.ts";
import type { HookFetch } from "../interfaces/hooks/types.ts";
import { EXEMPT_DAYS, SNOOZE_HOURS } from "../interfaces/notifications/plan-message/plan-buttons.ts";
import { answerClick } from "../interfaces/notifications/slack-answer.ts";
import {
  createSignInKeys,
  mayApprove,
  type SignedIn,
  type SignInAnswer,
  signInByToken,
} from "../interfaces/sign-in/sign-in.ts";
import { approvalDeps } from "./approval-deps.ts";
import type { Runtime } from "./runtime.ts";
import type { TellOptions } from "./tell-findings.ts";
import { tellPlan } from "./tell-plan.ts";

/** Keys of the issuer, fetched once per process. */
const KEYS = createSignInKeys();
const HOUR_MS = 3_600_000;

/** Who sends this token, by the configured issuer alone. */
export function signIn(
  runtime: Pick<Runtime, "config" | "clock">,
  headers: Headers,
  fetch: HookFetch = globalThis.fetch,
): Promise<SignInAnswer> {
  return signInByToken(headers, runtime.config.signIn, { clock: runtime.clock, fetch }, KEYS);
}

/** Plans as the API serves them. */
export function planApi(runtime: Runtime, fetch?: HookFetch): PlanApi {
  return {
    list: () => listPlans(runtime.lake),
    read: (hash) => settlePlan(approvalDeps(runtime), hash),
    signIn: (headers) => signIn(runtime, headers, fetch),
    decide: (hash, person, wish) => decideAs(runtime, hash, person, wish, { patienceMs: 0 }),
  };
}

/** Who a token belongs to, for the command line. Throws `refused` for what is no token of the configured issuer. */
export async function personByToken(
  runtime: Pick<Runtime, "config" | "clock">,
  token: string,
  fetch?: HookFetch,
): Promise<SignedIn> {
  const text = token.trim();
  if (!/^[!-~]+$/.test(text)) throw new GenOpsError("refused", "the token is empty, or not one line of plain text");
  const answer = await signIn(runtime, new Headers({ authorization: `Bearer ${text}` }), fetch);
  if (!answer.ok) throw new GenOpsError("refused", answer.why);
  return answer.person;
}

/**
 * Approves a plan with the OIDC token of a person, for the command line. What does not count throws `refused` with the reason; Slack's
 * message follows either way.
 */
export async function approveByToken(
  runtime: Runtime,
  hash: string,
  token: string,
  fetch?: HookFetch,
): Promise<PlanRecord> {
  const person = await personByToken(runtime, token, fetch);
  const outcome = await decideAs(runtime, hash, person, { kind: "approve" });
  if (!outcome.counted) throw new GenOpsError("refused", `the approval does not count: ${outcome.why}`);
  return outcome.record;
}

/** Records what a signed-in person decided, and tells Slack. */
export async function decideAs(
  runtime: Runtime,
  hash: string,
  person: SignedIn,
  wish: PlanWish,
  options: TellOptions = {},
): Promise<DecisionOutcome> {
  const names = person.identities.map(oidcName);
  if (!mayApprove(person)) {
    const why = `the token of ${person.identities[0]} has neither the role approver nor admin (signIn.rolesClaim, signIn.roles)`;
    return { counted: false, why };
  }
  const at = runtime.clock.now().toISOString();
  const { exempt, ...rest } = wish;
  const outcome = await record(runtime, hash, { id: runtime.randomness.id(), names, at, ...rest }, exempt);
  if (outcome.record !== undefined) await tellPlan(runtime, outcome.record, options);
  return outcome;
}

const Decided = z.object({
  planHash: z.string().regex(/^[0-9a-f]{16,64}$/),
  decision: z.enum(DECISIONS),
  at: z.iso.datetime({ offset: true }),
  slackUser: z.string().regex(/^[UW][A-Z0-9]{1,30}$/),
  exempt: z.object({ step: z.int().nonnegative(), what: z.enum(["workload", "namespace"]) }).exactOptional(),
  responseUrl: z.string().max(2_000).exactOptional(),
});

/**
 * `genops.action.approved`: a click in Slack, verified before. Finds out whether it counts, records it, corrects the message, and tells the
 * person who clicked, and nobody else, when it does not. Safe to run again.
 */
export async function handleDecision(
  runtime: Runtime,
  event: CloudEvent,
  options: TellOptions = {},
): Promise<DecisionOutcome> {
  const outcome = await recordDecision(runtime, event);
  await followDecision(runtime, event, outcome, options);
  return outcome;
}

/** The first half of `handleDecision`: what happens in the store, and nothing slow. */
export function recordDecision(runtime: Runtime, event: CloudEvent): Promise<DecisionOutcome> {
  const { planHash, decision, at, slackUser, exempt } = decidedOf(event);
  const until = endOf(decision, at);
  const given = { id: event.id, kind: decision, names: [slackName(slackUser)], at, ...(until && { until }) };
  return record(runtime, planHash, given, exempt);
}

/** The second half: telling Slack. The person first, because the outbox may have much to send. */
export async function followDecision(
  runtime: Runtime,
  event: CloudEvent,
  outcome: DecisionOutcome,
  options: TellOptions = {},
): Promise<void> {
  if (!outcome.counted) await answerPerson(runtime, decidedOf(event), outcome.why);
  if (outcome.record !== undefined) await tellPlan(runtime, outcome.record, options);
}

function decidedOf({ type, data }: CloudEvent): ActionDecided {
  if (type !== "genops.action.approved") throw new GenOpsError("refused", `this is no decision: ${type}`);
  const parsed = Decided.safeParse(data);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new GenOpsError("refused", "not a decision as GenOps passes them on", { place: { field: `data.${field}` } });
}

function endOf(decision: DecisionKind, at: string): string | undefined {
  const hours = decision === "snooze" ? SNOOZE_HOURS : decision === "exempt" ? EXEMPT_DAYS * 24 : undefined;
  return hours === undefined ? undefined : new Date(Date.parse(at) + hours * HOUR_MS).toISOString();
}

async function record(
  runtime: Runtime,
  hash: string,
  given: NewDecision,
  exempt: ActionDecided["exempt"],
): Promise<DecisionOutcome> {
  const deps = approvalDeps(runtime);
  if (given.kind !== "exempt") return decide(deps, hash, given);
  const found = await readPlan(runtime.lake, hash);
  const exemption = found && exemptionOf(found, given, exempt, displayName(given.names, deps.enforcement.approvers));
  if (found !== undefined && exemption === undefined) {
    return { counted: false, why: "the plan has no such workload or namespace", record: found };
  }
  const reason = exemption === undefined ? {} : { reason: exemptText(exemption) };
  const outcome = await decide(deps, hash, { ...given, ...reason });
  if (outcome.counted && exemption !== undefined) await addExemption(runtime.lake, exemption, runtime.clock.now());
  return outcome;
}

function exemptionOf(
  { plan }: PlanRecord,
  { at, until, reason }: NewDecision,
  exempt: ActionDecided["exempt"],
  by: string,
): Exemption | undefined {
  const step = exempt === undefined ? undefined : plan.steps[exempt.step];
  if (step?.namespace === undefined || until === undefined) return undefined;
  const { cluster, namespace, write } = step;
  const common = { cluster, namespace, until, by, at, ...(reason !== undefined && { reason }) };
  if (exempt?.what === "namespace") return common;
  return write.kind === "fields" && write.target.namespace === namespace
    ? { ...common, workload: { kind: write.target.kind, name: write.target.name } }
    : undefined;
}

function exemptText({ namespace, workload, until }: Exemption): string {
  const what = workload === undefined ? `namespace ${namespace}` : `${workload.kind} ${namespace}/${workload.name}`;
  return `${what} is exempt until ${until}`;
}

async function answerPerson(runtime: Runtime, { responseUrl, decision }: ActionDecided, why: string): Promise<void> {
  const { slack } = runtime.config.notifications;
  if (responseUrl === undefined || slack === undefined) return;
  const text = `Your click on ${decision} does not count: ${why}.`;
  const problem = await answerClick(runtime.clock, { responseUrl, apiUrl: slack.apiUrl, text });
  if (problem !== undefined) runtime.progress.note(`a person in Slack could not be answered: ${problem}`);
}
