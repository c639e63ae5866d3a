import { dayOf, monthOf } from "../../core/period.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { KNOWLEDGE, monthOfKey } from "./knowledge.ts";

/** Removes what was known of months that no read reaches any more. Gives back how many documents that were. */
export async function sweepKnowledge(store: ObjectStore, before: Date): Promise<number> {
  const oldest = monthOf(dayOf(before));
  const entries = await Array.fromAsync(store.list(KNOWLEDGE));
  const old = entries.filter(({ key }) => monthOfKey(key) < oldest);
  for (const { key } of old) await store.delete(key);
  return old.length;
}
