import * as z from "zod";
import type { ObjectStore } from "../../ports/object-store.ts";
import { readDocument, updateDocument } from "../json-document.ts";
import type { CollectRun } from "./run.ts";

/** The last run of a source did not work. Gone as soon as one does. */
export interface SourceFailure {
  source: string;
  at: string;
  messages: string[];
}

const Schema: z.ZodType<SourceFailure> = z.object({
  source: z.string(),
  at: z.string(),
  messages: z.array(z.string()),
});
const FOLDER = "failures/";

/** Remembers what failed in these runs and forgets what works again. */
export async function recordFailures(store: ObjectStore, runs: readonly CollectRun[], now: Date): Promise<void> {
  for (const [source, own] of Map.groupBy(runs, (run) => run.source)) {
    const messages = own.filter(({ status }) => status === "failed").flatMap((run) => run.messages);
    const key = `${FOLDER}${source}.json`;
    if (messages.length === 0) await store.delete(key);
    else await updateDocument(store, key, Schema, () => ({ source, at: now.toISOString(), messages }));
  }
}

export async function listSourceFailures(store: ObjectStore): Promise<SourceFailure[]> {
  const failures: SourceFailure[] = [];
  for await (const { key } of store.list(FOLDER)) {
    const found = await readDocument(store, key, Schema);
    if (found !== undefined) failures.push(found.value);
  }
  return failures;
}
