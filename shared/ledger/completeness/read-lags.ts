import { GenOpsError } from "../../core/errors.ts";
import { inParallel } from "../../core/in-parallel.ts";
import { dayOf } from "../../core/period.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { READERS } from "../head.ts";
import { readDocument } from "../json-document.ts";
import { KNOWLEDGE, type Knowledge, KnowledgeSchema, monthOfKey, sourceOfKey } from "./knowledge.ts";
import type { LagModel } from "./lag-model.ts";
import { learnLags, learntMonths, type StoredKnowledge } from "./learn-lags.ts";

/**
 * The lag model as of an instant of knowledge, for an evaluation at `now`. Reads a few small documents. One that cannot be read teaches
 * nothing and is named; the next evaluation after a new bill writes it anew.
 */
export async function readLags(
  store: ObjectStore,
  { now, asOf }: { now: Date; asOf: Date | undefined },
): Promise<LagModel> {
  const months = new Set(learntMonths(dayOf(now)));
  const entries = (await Array.fromAsync(store.list(KNOWLEDGE))).filter(({ key }) => months.has(monthOfKey(key)));
  const unreadable: string[] = [];
  const documents = await inParallel(entries, READERS, async ({ key }) => {
    const { knowledge } = await readKnowledge(store, key);
    if (knowledge === "unreadable") unreadable.push(key);
    return typeof knowledge === "object" ? [{ source: sourceOfKey(key), month: monthOfKey(key), knowledge }] : [];
  });
  return { ...learnLags(documents.flat() satisfies StoredKnowledge[], asOf), unreadable: unreadable.sort() };
}

/** A document of statistics that is damaged must not stop budgets from being evaluated. */
export async function readKnowledge(
  store: ObjectStore,
  key: string,
): Promise<{ knowledge: Knowledge | "unreadable" | undefined }> {
  try {
    return { knowledge: (await readDocument(store, key, KnowledgeSchema))?.value };
  } catch (error) {
    if (error instanceof GenOpsError && error.code === "internal") return { knowledge: "unreadable" };
    throw error;
  }
}
