import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson, type Json } from "../../core/json.ts";
import { FindingSchema } from "../../governance/findings/schema.ts";
import type { Notice } from "../../ports/notifier.ts";

export const PENDING = "outbox/pending/";
export const RECEIPTS = "outbox/receipts/";
export const QUEUES = "outbox/notifiers/";

const Text = z.string();
const Count = z.number().int().nonnegative();

const Message = z.object({ text: Text, blocks: z.array(z.custom<Json>((value) => value !== undefined)).readonly() });
const NoticeSchema: z.ZodType<Notice> = z.object({
  key: Text,
  revision: Count,
  message: Message,
  withoutButtons: Message,
  changes: z.array(z.object({ revision: Count, text: Text })).readonly(),
});

const Envelope = {
  /** The delivery's id, the same on every attempt. */
  id: Text,
  notifier: Text,
  enqueuedAt: Text,
};

/**
 * `outbox/pending/<notifier>/<finding>/<revision>`: one revision of a finding or a notice to be told to one notifier. Written once, deleted when
 * settled.
 */
export const PendingEntry = z.union([
  z.object({ ...Envelope, finding: FindingSchema }),
  z.object({ ...Envelope, notice: NoticeSchema }),
]);
export type PendingEntry = z.output<typeof PendingEntry>;

/** What an entry is about: a finding or a notice. */
export function topicOf(entry: PendingEntry): { key: string; revision: number } {
  return "finding" in entry ? entry.finding : entry.notice;
}

const Settled = z.object({
  revision: Count,
  state: z.enum(["sent", "failed", "superseded"]),
  at: Text,
  attempts: Count,
  reason: Text.exactOptional(),
});
export type Settled = z.output<typeof Settled>;

/**
 * `outbox/receipts/<finding>/<notifier>`: what one notifier was told about one finding, and who is telling it now. All
 * changes are compare-and-swap, so this is where drainers meet.
 */
export const Conversation = z.object({
  notifier: Text,
  /** The key of the finding or the notice. */
  findingKey: Text,
  /** Revisions up to this one are sent, failed or superseded. 0 = none. */
  settledRevision: Count,
  /** The notifier's own receipt of the last delivery (Slack: channel and ts). */
  receipt: z.record(Text, Text).exactOptional(),
  /** Who delivers now; void after `until`. */
  lease: z.object({ owner: Text, until: Text }).exactOptional(),
  /**
   * Written before the message leaves. Still there without a live lease: a sender died, and the message may have
   * arrived.
   */
  sending: z.object({ revision: Count, since: Text }).exactOptional(),
  retry: z.object({ revision: Count, attempts: Count, notBefore: Text, reason: Text }).exactOptional(),
  /** The last few settled revisions, the newest last. */
  log: z.array(Settled),
});
export type Conversation = z.output<typeof Conversation>;

/** `outbox/notifiers/<notifier>`: what holds a whole queue. */
export const QueueState = z.object({
  notifier: Text,
  /** A rate limit or a receiver that is down: nothing is sent before. */
  held: z.object({ until: Text, reason: Text }).exactOptional(),
  /** The endpoint said that it is gone (410). Void when the notifier's endpoint changes. */
  disabled: z.object({ at: Text, reason: Text, endpoint: Text }).exactOptional(),
});
export type QueueState = z.output<typeof QueueState>;

export function pendingKey(notifier: string, findingKey: string, revision: number): string {
  return `${PENDING}${keyPart(notifier)}/${keyPart(findingKey)}/${String(revision).padStart(10, "0")}`;
}

export function conversationKey(notifier: string, findingKey: string): string {
  return `${RECEIPTS}${keyPart(findingKey)}/${keyPart(notifier)}`;
}

export function queueKey(notifier: string): string {
  return `${QUEUES}${keyPart(notifier)}`;
}

/**
 * Any text as one part of an object key: as it is where that is safe on every store and file system, else shortened
 * with a hash.
 */
export function keyPart(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,99}$/.test(text)) return text;
  const readable = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60);
  return `${readable}_${digest(text).slice(0, 16)}`;
}

/** The id of the delivery of one revision to one notifier. Without a `.`, as Standard Webhooks wants it. */
export function deliveryId(notifier: string, findingKey: string, revision: number): string {
  return `msg_${digest(canonicalJson([notifier, findingKey, revision])).slice(0, 32)}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
