import type { Finding } from "../../core/finding.ts";
import { readDocument, writeDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Notice } from "../../ports/notifier.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import {
  Conversation,
  conversationKey,
  deliveryId,
  PENDING,
  PendingEntry,
  pendingKey,
  QUEUES,
  QueueState,
  queueKey,
  RECEIPTS,
  topicOf,
} from "./outbox-documents.ts";

export { type DrainDeps, type DrainOptions, type DrainReport, drainOutbox } from "./drain-outbox.ts";

/**
 * Writes down that `finding` is to be told to `notifier`, before anything is sent. The same key, revision and notifier
 * twice is one message: `known` says that it waits already or is settled.
 */
export async function enqueue(deps: EnqueueDeps, finding: Finding, notifier: string): Promise<"enqueued" | "known"> {
  return put(deps, { ...envelopeOf(deps, finding, notifier), finding });
}

/** As `enqueue`, for a notice. Its notifier has to be a `NoticeTeller`. */
export async function enqueueNotice(
  deps: EnqueueDeps,
  notice: Notice,
  notifier: string,
): Promise<"enqueued" | "known"> {
  return put(deps, { ...envelopeOf(deps, notice, notifier), notice });
}

interface EnqueueDeps {
  store: ObjectStore;
  clock: Clock;
}

function envelopeOf({ clock }: EnqueueDeps, { key, revision }: { key: string; revision: number }, notifier: string) {
  return { id: deliveryId(notifier, key, revision), notifier, enqueuedAt: clock.now().toISOString() };
}

async function put(deps: EnqueueDeps, entry: PendingEntry): Promise<"enqueued" | "known"> {
  const { notifier } = entry;
  const topic = topicOf(entry);
  const conversation = await readDocument(deps.store, conversationKey(notifier, topic.key), Conversation);
  if (conversation !== undefined && conversation.value.settledRevision >= topic.revision) return "known";
  const key = pendingKey(notifier, topic.key, topic.revision);
  return (await writeDocument(deps.store, key, PendingEntry, entry, undefined)) ? "enqueued" : "known";
}

export interface OutboxItem {
  notifier: string;
  findingKey: string;
  revision: number;
  state: "pending" | "sending" | "sent" | "failed" | "superseded";
  /** When it was enqueued (pending, sending) or settled. */
  at: string;
  attempts: number;
  /** Why it waits, failed or was superseded. */
  reason?: string;
  /** Not tried before. */
  notBefore?: string;
}

export interface OutboxListing {
  items: OutboxItem[];
  /** Queues that are held by a rate limit or disabled by their endpoint. */
  queues: QueueState[];
}

/** Everything that waits, is being sent, or was settled lately, and the state of each notifier's queue. */
export async function listOutbox(store: ObjectStore): Promise<OutboxListing> {
  const conversations = new Map<string, Conversation>();
  const items: OutboxItem[] = [];
  for await (const { key } of store.list(RECEIPTS)) {
    const read = await readDocument(store, key, Conversation);
    if (read === undefined) continue;
    conversations.set(key, read.value);
    const { notifier, findingKey } = read.value;
    items.push(...read.value.log.map((settled) => ({ notifier, findingKey, ...settled })));
  }
  for await (const { key } of store.list(PENDING)) {
    const read = await readDocument(store, key, PendingEntry);
    if (read !== undefined) items.push(...waitingItem(read.value, conversations));
  }
  const queues: QueueState[] = [];
  for await (const { key } of store.list(QUEUES)) {
    const read = await readDocument(store, key, QueueState);
    if (read !== undefined) queues.push(read.value);
  }
  return { items, queues };
}

function waitingItem(entry: PendingEntry, conversations: ReadonlyMap<string, Conversation>): OutboxItem[] {
  const { notifier, enqueuedAt } = entry;
  const topic = topicOf(entry);
  const conversation = conversations.get(conversationKey(notifier, topic.key));
  if (conversation !== undefined && conversation.settledRevision >= topic.revision) return [];
  const retry = conversation?.retry?.revision === topic.revision ? conversation.retry : undefined;
  const sending = conversation?.sending?.revision === topic.revision;
  const item: OutboxItem = {
    notifier,
    findingKey: topic.key,
    revision: topic.revision,
    state: sending ? "sending" : "pending",
    at: enqueuedAt,
    attempts: retry?.attempts ?? 0,
  };
  return [retry === undefined ? item : { ...item, reason: retry.reason, notBefore: retry.notBefore }];
}

/** Forgets that a notifier is held or disabled: for a person who has repaired its receiver. */
export async function releaseNotifier(store: ObjectStore, notifier: string): Promise<void> {
  await store.delete(queueKey(notifier));
}
