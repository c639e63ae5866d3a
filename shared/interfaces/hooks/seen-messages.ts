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

/** Remembers a message after it was handed on, and forgets those that are refused for their age by now. */
export async function rememberSeen(
  store: ObjectStore,
  message: SentMessage,
  maxAgeMinutes: number,
  now: Date,
): Promise<void> {
  await store.put(keyOf(message), new TextEncoder().encode("{}"), { create: true });
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
