import { createHash } from "node:crypto";
import type { ObjectStore } from "../../ports/object-store.ts";

const PREFIX = "alerts/seen/";
const DAY_MS = 86_400_000;

/** A message that arrived: the day it was sent (signed, so the same in every repetition) and its identity. */
export interface SentMessage {
  sentAt: Date;
  identity: string;
}

export async function wasSeen(store: ObjectStore, message: SentMessage): Promise<boolean> {
  return (await store.get(keyOf(message))) !== undefined;
}

/** Takes a message for its one handling; false when it was taken before, by whomever. Old ones are forgotten as in `rememberSeen`. */
export async function claimMessage(
  store: ObjectStore,
  message: SentMessage,
  maxAgeMinutes: number,
  now: Date,
): Promise<boolean> {
  const claimed = await store.put(keyOf(message), new TextEncoder().encode("{}"), { create: true });
  if (claimed.ok) await forgetOld(store, maxAgeMinutes, now);
  return claimed.ok;
}

/** Gives a claimed message free again, because it could not be handed on. */
export function forgetMessage(store: ObjectStore, message: SentMessage): Promise<void> {
  return store.delete(keyOf(message));
}

/** Remembers a message after it was handed on, and forgets those that are refused for their age by now. */
export async function rememberSeen(
  store: ObjectStore,
  message: SentMessage,
  maxAgeMinutes: number,
  now: Date,
): Promise<void> {
  await store.put(keyOf(message), new TextEncoder().encode("{}"), { create: true });
  await forgetOld(store, maxAgeMinutes, now);
}

async function forgetOld(store: ObjectStore, maxAgeMinutes: number, now: Date): Promise<void> {
  const oldest = `${PREFIX}${dayOf(new Date(now.getTime() - maxAgeMinutes * 60_000 - DAY_MS))}`;
  for await (const { key } of store.list(PREFIX)) {
    if (key >= oldest) break;
    await store.delete(key);
  }
}

function keyOf({ sentAt, identity }: SentMessage): string {
  return `${PREFIX}${dayOf(sentAt)}/${createHash("sha256").update(identity).digest("hex").slice(0, 32)}.json`;
}

function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
