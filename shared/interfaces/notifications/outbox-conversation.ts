import { messageOf } from "../../core/errors.ts";
import { type JsonDocument, readDocument, updateDocument, writeDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryResult, Notifier } from "../../ports/notifier.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Randomness } from "../../ports/randomness.ts";
import { cleanText, cutText } from "./clean-text.ts";
import { tellsNotices } from "./notice-teller.ts";
import { Conversation, PendingEntry, type Settled, topicOf } from "./outbox-documents.ts";

/** Far longer than a delivery with its time-outs takes: only a dead sender loses its lease. */
const LEASE_MS = 120_000;
const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 3_600_000;
const LOG_LENGTH = 10;

export interface ConversationDeps {
  store: ObjectStore;
  clock: Clock;
  randomness: Randomness;
}

export interface Limits {
  maxAttempts: number;
  giveUpAfterMs: number;
}

/** The pending revisions of one finding for one notifier. */
export interface PendingConversation {
  /** Key of the `Conversation`. */
  key: string;
  /** The oldest first. */
  entries: { key: string; revision: number }[];
}

export type Step =
  | { kind: "settled"; state: "sent" | "failed"; superseded: number; disable: string | undefined }
  /** The receiver did not take it. `hold`: it said itself how long to wait. */
  | { kind: "later"; until: Date; hold: boolean; reason: string }
  | { kind: "waiting"; until: Date | undefined }
  | { kind: "nothing" };

/**
 * Tells the newest pending revision and drops the older ones. One sender at a time: the lease in the conversation is
 * taken by compare-and-swap, together with the mark that a message is about to leave. `refusal`: settle as failed
 * without sending.
 */
export async function stepConversation(
  deps: ConversationDeps,
  notifier: Notifier,
  pending: PendingConversation,
  limits: Limits,
  refusal: string | undefined,
): Promise<Step> {
  const before = await readDocument(deps.store, pending.key, Conversation);
  const settledRevision = before?.value.settledRevision ?? 0;
  const open = pending.entries.filter(({ revision }) => revision > settledRevision);
  const newest = open.at(-1);
  if (newest === undefined) return forget(deps.store, pending);
  const now = deps.clock.now();
  if (isAfter(before?.value.lease?.until, now)) return { kind: "waiting", until: undefined };
  const notBefore = before?.value.retry?.notBefore;
  if (notBefore !== undefined && isAfter(notBefore, now) && refusal === undefined)
    return { kind: "waiting", until: new Date(notBefore) };
  const entry = (await readDocument(deps.store, newest.key, PendingEntry))?.value;
  if (entry === undefined) return { kind: "nothing" };
  const owner = deps.randomness.id();
  const claimed = await claim(deps, pending.key, before, entry, owner);
  if (claimed === undefined) return { kind: "waiting", until: undefined };
  const result: DeliveryResult =
    refusal === undefined ? await attempt(notifier, entry, claimed) : { outcome: "rejected", reason: refusal };
  const step = judge(deps, result, entry, claimed, limits);
  await updateDocument(deps.store, pending.key, Conversation, (current) =>
    afterStep(current ?? claimed, { owner, entry, step, result, at: deps.clock.now(), older: open.slice(0, -1) }),
  );
  if (step.kind !== "settled") return step;
  await forget(deps.store, pending);
  return { ...step, superseded: open.length - 1 };
}

async function forget(store: ObjectStore, pending: PendingConversation): Promise<Step> {
  for (const { key } of pending.entries) await store.delete(key);
  return { kind: "nothing" };
}

function isAfter(instant: string | undefined, now: Date): boolean {
  return instant !== undefined && Date.parse(instant) > now.getTime();
}

async function claim(
  deps: ConversationDeps,
  key: string,
  before: JsonDocument<Conversation> | undefined,
  entry: PendingEntry,
  owner: string,
): Promise<Conversation | undefined> {
  const now = deps.clock.now();
  const base = before?.value ?? {
    notifier: entry.notifier,
    findingKey: topicOf(entry).key,
    settledRevision: 0,
    log: [],
  };
  const next: Conversation = {
    ...base,
    lease: { owner, until: new Date(now.getTime() + LEASE_MS).toISOString() },
    sending: { revision: topicOf(entry).revision, since: now.toISOString() },
  };
  return (await writeDocument(deps.store, key, Conversation, next, before)) ? next : undefined;
}

async function attempt(notifier: Notifier, entry: PendingEntry, conversation: Conversation): Promise<DeliveryResult> {
  const about = { id: entry.id, previous: conversation.receipt };
  try {
    if ("finding" in entry) return await notifier.deliver({ ...about, finding: entry.finding });
    return tellsNotices(notifier)
      ? await notifier.deliverNotice({ ...about, notice: entry.notice })
      : { outcome: "rejected", reason: `${notifier.id} does not tell about plans` };
  } catch (error) {
    return { outcome: "later", afterMs: 0, reason: messageOf(error) };
  }
}

type Judged = Extract<Step, { kind: "settled" | "later" }> & { attempts: number; reason: string | undefined };

/** Being told to wait is no failed attempt: only our own back-offs count towards `maxAttempts`. */
function judge(
  deps: ConversationDeps,
  result: DeliveryResult,
  entry: PendingEntry,
  conversation: Conversation,
  limits: Limits,
): Judged {
  const retry = conversation.retry;
  const failedBefore = retry?.revision === topicOf(entry).revision ? retry.attempts : 0;
  const settled = { kind: "settled", superseded: 0, attempts: failedBefore + 1 } as const;
  if (result.outcome === "delivered") return { ...settled, state: "sent", disable: undefined, reason: undefined };
  const reason = cutText(cleanText(result.reason), 300);
  if (result.outcome === "rejected") {
    return { ...settled, state: "failed", disable: result.disable === true ? reason : undefined, reason };
  }
  const hold = result.afterMs > 0;
  const attempts = hold ? failedBefore : failedBefore + 1;
  const until = new Date(deps.clock.now().getTime() + (hold ? result.afterMs : backOffMs(attempts, deps.randomness)));
  const tooOld = until.getTime() - Date.parse(entry.enqueuedAt) > limits.giveUpAfterMs;
  if (attempts >= limits.maxAttempts || tooOld) {
    const why = tooOld ? "gave up, too old" : `gave up after ${attempts} attempts`;
    return { ...settled, state: "failed", disable: undefined, attempts, reason: `${why}: ${reason}` };
  }
  return { kind: "later", until, hold, reason, attempts };
}

/** 5 s, 10 s, 20 s, … one hour, of which the second half is random. */
function backOffMs(attempts: number, randomness: Randomness): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 30));
  return Math.ceil(longest / 2 + (longest / 2) * randomness.fraction());
}

interface Outcome {
  owner: string;
  entry: PendingEntry;
  step: Judged;
  result: DeliveryResult;
  at: Date;
  older: readonly { revision: number }[];
}

/**
 * The conversation after an attempt. A sender whose lease went to another still records what it delivered, and nothing
 * else.
 */
function afterStep(
  current: Conversation,
  { owner, entry, step, result, at, older }: Outcome,
): Conversation | undefined {
  const mine = current.lease?.owner === owner;
  const { lease, sending, retry, ...rest } = current;
  const others = mine ? {} : { ...(lease && { lease }), ...(sending && { sending }) };
  const { revision } = topicOf(entry);
  if (step.kind === "later") {
    const next = { revision, attempts: step.attempts, notBefore: step.until.toISOString(), reason: step.reason };
    return mine ? { ...rest, retry: next } : undefined;
  }
  if (current.settledRevision >= revision) return mine ? { ...rest, ...(retry && { retry }) } : undefined;
  if (!mine && step.state === "failed") return undefined;
  const instant = at.toISOString();
  const log: Settled[] = older.map((one) => ({
    revision: one.revision,
    state: "superseded",
    at: instant,
    attempts: 0,
    reason: `revision ${revision} is newer`,
  }));
  log.push({
    revision,
    state: step.state,
    at: instant,
    attempts: step.attempts,
    ...(step.reason && { reason: step.reason }),
  });
  return {
    ...rest,
    ...others,
    settledRevision: revision,
    ...(result.outcome === "delivered" && { receipt: { ...result.receipt } }),
    log: [...current.log, ...log].slice(-LOG_LENGTH),
  };
}
