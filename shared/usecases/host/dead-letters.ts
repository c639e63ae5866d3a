import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/json.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

/** What is kept of an event that nobody will ever understand. */
export interface DeadLetter {
  /** Name of the function: `collect`. */
  function: string;
  reason: string;
  at: string;
  /** The event as it came; cut off when it is too long to keep. */
  event: unknown;
}

/** SQS, Storage queues and Event Grid carry no more than this; longer ones come from somebody who calls the function directly. */
const MAX_BYTES = 256 * 1024;
const FOLDER = "dead-letters/";

/**
 * Keeps an event that is refused for good, so that it needs no further delivery. The same event is kept once. Returns its key.
 * Events that fail without being wrong are not kept here: the platform delivers them again and ends with its own dead-letter queue.
 */
export async function keepDeadLetter(store: ObjectStore, letter: DeadLetter): Promise<string> {
  const event = shorten(letter.event);
  const name = createHash("sha256")
    .update(JSON.stringify([letter.function, event]))
    .digest("hex")
    .slice(0, 32);
  const key = `${FOLDER}${name}.json`;
  await store.put(key, new TextEncoder().encode(canonicalJson({ ...letter, event })), { create: true });
  return key;
}

function shorten(event: unknown): unknown {
  const text = JSON.stringify(event) ?? "undefined";
  return text.length <= MAX_BYTES
    ? (JSON.parse(text === "undefined" ? "null" : text) as unknown)
    : text.slice(0, MAX_BYTES);
}
