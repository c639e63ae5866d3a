import * as z from "zod";
import { inParallel } from "../../../core/in-parallel.ts";
import { READERS } from "../../../ledger/head.ts";
import { readDocument, updateDocument } from "../../../ledger/json-document.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { Feedback } from "./types.ts";

const PREFIX = "feedback/";
const Days = z.object({ start: z.string(), end: z.string() });
const Said = z.object({ by: z.string(), at: z.string() });

const FeedbackSchema = Said.extend({
  id: z.string(),
  finding: z.string(),
  kind: z.enum(["expected", "planned", "wrong"]),
  scope: z.record(z.string(), z.array(z.string()).readonly()).readonly(),
  currency: z.string(),
  since: z.string(),
  planned: Days.exactOptional(),
  note: z.string().exactOptional(),
  undone: Said.exactOptional(),
});

/** What was said about one finding, the oldest first; at most the last entry is in force. */
const FeedbackDocument = z.object({ entries: z.array(FeedbackSchema) });

/** Changes what was said about one finding by compare-and-swap; `change` may run several times. Gives back what stands then. */
export async function changeFeedback(
  store: ObjectStore,
  findingKey: string,
  change: (entries: readonly Feedback[]) => Feedback[] | undefined,
): Promise<Feedback[]> {
  const document = await updateDocument(store, `${PREFIX}${findingKey}.json`, FeedbackDocument, (before) => {
    const entries = change(before?.entries ?? []);
    return entries === undefined ? undefined : { entries };
  });
  return document?.entries ?? [];
}

/** What was said last about one finding, in force or not. */
export async function newestAbout(store: ObjectStore, findingKey: string): Promise<Feedback | undefined> {
  return (await readDocument(store, `${PREFIX}${findingKey}.json`, FeedbackDocument))?.value.entries.at(-1);
}

/** Everything that people have said about anomalies, what is undone too, the newest first. */
export async function listFeedback(store: ObjectStore): Promise<Feedback[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(PREFIX)) keys.push(key);
  const documents = await inParallel(keys, READERS, (key) => readDocument(store, key, FeedbackDocument));
  const entries: Feedback[] = documents.flatMap((document) => document?.value.entries ?? []);
  return entries.sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at > b.at ? -1 : 1));
}
