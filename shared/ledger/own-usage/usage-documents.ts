import * as z from "zod";
import { type Day, dayOf } from "../../core/period.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { readDocument, updateDocument } from "../json-document.ts";
import { addUsage, USAGE_MEASURES, type UsageByCloud, type UsageCloud } from "./usage.ts";

const FOLDER = "own-usage/";
const Counters = z.partialRecord(z.enum(USAGE_MEASURES), z.int().nonnegative());
const UsageSchema = z.partialRecord(z.enum(["aws", "azure", "gcp", "local"]), Counters);

/** Adds to today's count. `writer` is where the process runs: each cloud has a document of its own, so that they do not wait for each other. */
export async function recordUsage(
  { store, clock }: { store: ObjectStore; clock: Clock },
  writer: UsageCloud,
  usage: UsageByCloud,
): Promise<void> {
  if (Object.keys(usage).length === 0) return;
  await updateDocument(store, `${FOLDER}${dayOf(clock.now())}/${writer}.json`, UsageSchema, (known) =>
    addUsage(known ?? {}, usage),
  );
}

export interface RecordedUsage {
  /** Day → what was used. */
  days: Map<Day, UsageByCloud>;
  /** The first day of which anything is known. */
  since: Day | undefined;
}

/** What was used per day, `start` included, `end` excluded. */
export async function readUsage(store: ObjectStore, { start, end }: { start: Day; end: Day }): Promise<RecordedUsage> {
  const days = new Map<Day, UsageByCloud>();
  let since: Day | undefined;
  for await (const { key } of store.list(FOLDER)) {
    const day = key.slice(FOLDER.length, FOLDER.length + 10);
    if (since === undefined || day < since) since = day;
    if (day < start || day >= end) continue;
    const document = await readDocument(store, key, UsageSchema);
    if (document !== undefined) days.set(day, addUsage(days.get(day) ?? {}, document.value));
  }
  return { days, since };
}
