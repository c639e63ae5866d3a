import * as z from "zod";
import type { ObjectStore } from "../../ports/object-store.ts";
import { readDocument, updateDocument } from "../json-document.ts";
import type { CollectRun } from "./run.ts";

/** What of a source did not work the last time. Gone as soon as it does. */
export interface SourceFailure {
  source: string;
  at: string;
  messages: string[];
  /** The same by billing period; "" is for what concerns the whole source. */
  byPeriod?: Record<string, string[]> | undefined;
}

const Schema: z.ZodType<SourceFailure> = z.object({
  source: z.string(),
  at: z.string(),
  messages: z.array(z.string()),
  byPeriod: z.record(z.string(), z.array(z.string())).optional(),
});
const FOLDER = "failures/";

export interface RecordOptions {
  /** The runs are not all there is of their sources: what they do not mention stays as it was. */
  partial?: boolean;
}

/** Remembers what failed in these runs and forgets what works again. */
export async function recordFailures(
  store: ObjectStore,
  runs: readonly CollectRun[],
  now: Date,
  { partial = false }: RecordOptions = {},
): Promise<void> {
  for (const [source, own] of Map.groupBy(runs, (run) => run.source)) {
    const key = `${FOLDER}${source}.json`;
    const before = partial ? (await readDocument(store, key, Schema))?.value : undefined;
    if (Object.keys(failuresAfter(before, own)).length === 0) {
      await store.delete(key);
      continue;
    }
    await updateDocument(store, key, Schema, (known) => {
      const byPeriod = failuresAfter(partial ? known : undefined, own);
      return { source, at: now.toISOString(), messages: Object.values(byPeriod).flat(), byPeriod };
    });
  }
}

function failuresAfter(before: SourceFailure | undefined, runs: readonly CollectRun[]): Record<string, string[]> {
  const known = before?.byPeriod ?? (before === undefined ? {} : { "": before.messages });
  const told = new Set(["", ...runs.map(({ period }) => period)]);
  const kept = Object.entries(known).filter(([period]) => !told.has(period));
  const failed = Map.groupBy(
    runs.filter(({ status }) => status === "failed"),
    ({ period }) => period,
  );
  const fresh = [...failed].map(([period, own]) => [period, own.flatMap(({ messages }) => messages)] as const);
  return Object.fromEntries([...kept, ...fresh]);
}

/** The billing periods of a source whose last run failed. */
export async function failedPeriods(store: ObjectStore, source: string): Promise<string[]> {
  const failure = (await readDocument(store, `${FOLDER}${source}.json`, Schema))?.value;
  return Object.keys(failure?.byPeriod ?? {});
}

export async function listSourceFailures(store: ObjectStore): Promise<SourceFailure[]> {
  const failures: SourceFailure[] = [];
  for await (const { key } of store.list(FOLDER)) {
    const found = await readDocument(store, key, Schema);
    if (found !== undefined) failures.push(found.value);
  }
  return failures;
}
