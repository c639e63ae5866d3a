import * as z from "zod";
import { PlanSchema } from "../../clusters/enforcement/approvals/plan-schema.ts";
import type { Plan } from "../../clusters/enforcement/types.ts";
import type { Day } from "../../core/period.ts";
import { readDocument, updateDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

const FOLDER = "enforcement/dry-runs/";

const LoggedSchema = z.object({ plan: PlanSchema, firstSeenAt: z.string(), lastSeenAt: z.string() });
export type LoggedPlan = z.output<typeof LoggedSchema>;

/** Keeps what would have been done, one document a day and plan, with how long it would have been wanted. */
export async function logDryRun(
  { lake, clock }: { lake: ObjectStore; clock: Pick<Clock, "evaluationNow"> },
  plan: Plan,
): Promise<void> {
  if (plan.steps.length === 0) return;
  const at = clock.evaluationNow().toISOString();
  await updateDocument(lake, `${FOLDER}${at.slice(0, 10)}/${plan.hash}.json`, LoggedSchema, (before) => ({
    plan,
    firstSeenAt: before?.firstSeenAt ?? at,
    lastSeenAt: at,
  }));
}

/** What would have been done from a day on, the oldest first. */
export async function listDryRuns(store: ObjectStore, since: Day): Promise<LoggedPlan[]> {
  const found: LoggedPlan[] = [];
  for await (const { key } of store.list(FOLDER)) {
    if (dayOfKey(key) < since) continue;
    const logged = await readDocument(store, key, LoggedSchema);
    if (logged !== undefined) found.push(logged.value);
  }
  return found;
}

/** Forgets the days before this one. Gives back how many documents went. */
export async function removeDryRuns(store: ObjectStore, before: Day): Promise<number> {
  const old: string[] = [];
  for await (const { key } of store.list(FOLDER)) if (dayOfKey(key) < before) old.push(key);
  for (const key of old) await store.delete(key);
  return old.length;
}

function dayOfKey(key: string): Day {
  return key.slice(FOLDER.length, FOLDER.length + 10);
}
