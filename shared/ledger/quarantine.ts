import * as z from "zod";
import { GenOpsError } from "../core/errors.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { PeriodVersionSchema } from "./head.ts";
import { readDocument, updateDocument } from "./json-document.ts";
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
  /** A person said yes; whether it was committed is not known yet. It can no longer be discarded. */
  confirming?: boolean | undefined;
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
  confirming: z.boolean().optional(),
  version: PeriodVersionSchema.optional(),
});

const FOLDER = "quarantine/";

/**
 * Keeps a quarantine and gives back what is kept: the id follows from the content, so the same delivery again is the same quarantine.
 * What was confirmed once and is doubtful again, over something newer, is asked about again.
 */
export async function keepQuarantine(store: ObjectStore, quarantine: Quarantine): Promise<Quarantine> {
  const kept = await updateDocument(store, keyOf(quarantine.id), QuarantineSchema, (before) =>
    before === undefined || before.state === "confirmed" ? quarantine : before,
  );
  return kept ?? quarantine;
}

/** Throws `usage` for an id that does not exist. */
export async function readQuarantine(store: ObjectStore, id: string): Promise<Quarantine> {
  const found = await readDocument(store, keyOf(id), QuarantineSchema);
  if (found === undefined) throw unknown(id);
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

/** The first half of a confirmation: from here on nobody can discard it, so that its rows stay for the commit. */
export async function claimConfirmation(store: ObjectStore, id: string): Promise<Quarantine> {
  return change(store, id, (before) => {
    if (before.state === "discarded") throw new GenOpsError("usage", `quarantine "${id}" was already discarded`);
    return before.state === "confirmed" || before.confirming === true ? before : { ...before, confirming: true };
  });
}

/** Decides a waiting quarantine; deciding the same way again changes nothing, the other way is a `usage` error. */
export async function decideQuarantine(
  store: ObjectStore,
  id: string,
  decision: "confirmed" | "discarded",
): Promise<Quarantine> {
  return change(store, id, (before) => {
    if (before.state === decision) return before;
    if (before.state !== "waiting") throw new GenOpsError("usage", `quarantine "${id}" was already ${before.state}`);
    if (decision === "discarded" && before.confirming === true) {
      throw new GenOpsError(
        "usage",
        `quarantine "${id}" is being confirmed; if that was interrupted, confirm it again`,
      );
    }
    const { confirming: _confirming, ...rest } = before;
    return { ...rest, state: decision };
  });
}

async function change(store: ObjectStore, id: string, next: (before: Quarantine) => Quarantine): Promise<Quarantine> {
  const changed = await updateDocument(store, keyOf(id), QuarantineSchema, (before) => {
    if (before === undefined) throw unknown(id);
    return next(before);
  });
  return changed as Quarantine;
}

function keyOf(id: string): string {
  if (!/^[\w-]+$/.test(id)) throw unknown(id);
  return `${FOLDER}${id}.json`;
}

function unknown(id: string): GenOpsError {
  return new GenOpsError("usage", `no quarantine "${id}"; see genops collect quarantine`);
}
