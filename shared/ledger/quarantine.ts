import * as z from "zod";
import { GenOpsError } from "../core/errors.ts";
import type { Lake, ObjectStore } from "../ports/object-store.ts";
import { PeriodVersionSchema } from "./head.ts";
import { readDocument, updateDocument, writeDocument } from "./json-document.ts";
import type { PeriodVersion } from "./versions.ts";

/** A delivery that was not believed (L5, INV-7). Waits for `genops collect confirm|discard`. */
export interface Quarantine {
  id: string;
  source: string;
  /** Empty when the delivery does not tell (an empty file of a source that never delivered). */
  billingPeriod: string;
  reason: "empty" | "shrunk" | "control-mismatch";
  /** Sentence for people: numbers included. */
  detail: string;
  at: string;
  state: "waiting" | "confirmed" | "discarded";
  /** The content; absent for an empty delivery. */
  version?: PeriodVersion | undefined;
}

const QuarantineSchema: z.ZodType<Quarantine> = z.object({
  id: z.string(),
  source: z.string(),
  billingPeriod: z.string(),
  reason: z.enum(["empty", "shrunk", "control-mismatch"]),
  detail: z.string(),
  at: z.string(),
  state: z.enum(["waiting", "confirmed", "discarded"]),
  version: PeriodVersionSchema.optional(),
});

const FOLDER = "quarantine/";

/** Keeps a quarantine and gives back what is kept: the id follows from the content, so the same delivery again is the same quarantine. */
export async function keepQuarantine(store: ObjectStore, quarantine: Quarantine): Promise<Quarantine> {
  if (await writeDocument(store, `${FOLDER}${quarantine.id}.json`, quarantine, undefined)) return quarantine;
  return readQuarantine(store, quarantine.id);
}

export async function readQuarantine(store: ObjectStore, id: string): Promise<Quarantine> {
  const found = /^[\w-]+$/.test(id) ? await readDocument(store, `${FOLDER}${id}.json`, QuarantineSchema) : undefined;
  if (found === undefined) throw new GenOpsError("usage", `no quarantine "${id}"; see genops collect quarantine`);
  return found.value;
}

export async function listQuarantines(store: ObjectStore): Promise<Quarantine[]> {
  const all: Quarantine[] = [];
  for await (const { key } of store.list(FOLDER)) {
    const found = await readDocument(store, key, QuarantineSchema);
    if (found !== undefined) all.push(found.value);
  }
  return all;
}

/** Decides a waiting quarantine; deciding the same way again changes nothing, the other way is a conflict. */
export async function decideQuarantine(lake: Lake, id: string, decision: "confirmed" | "discarded"): Promise<Quarantine> {
  const decided = await updateDocument(lake, `${FOLDER}${id}.json`, QuarantineSchema, (before) => {
    if (before === undefined) throw new GenOpsError("usage", `no quarantine "${id}"`);
    if (before.state === decision) return before;
    if (before.state !== "waiting") throw new GenOpsError("usage", `quarantine "${id}" was already ${before.state}`);
    return { ...before, state: decision };
  });
  return decided as Quarantine;
}
