import { readDocument, updateDocument } from "../../../ledger/json-document.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import { EXEMPTIONS_KEY, ExemptionsSchema } from "./documents.ts";
import type { Exemption } from "./types.ts";

/** The exemptions that hold now: the planner leaves out what they name. */
export async function listExemptions(store: ObjectStore, now: Date): Promise<readonly Exemption[]> {
  const read = await readDocument(store, EXEMPTIONS_KEY, ExemptionsSchema);
  return (read?.value.exemptions ?? []).filter(({ until }) => Date.parse(until) > now.getTime());
}

/** Adds one; the same subject by the same person at the same instant is one. Those that are over go away. */
export async function addExemption(store: ObjectStore, exemption: Exemption, now: Date): Promise<void> {
  await updateDocument(store, EXEMPTIONS_KEY, ExemptionsSchema, (current) => {
    const known = current?.exemptions ?? [];
    if (known.some((each) => isSame(each, exemption))) return current;
    return { exemptions: [...known.filter(({ until }) => Date.parse(until) > now.getTime()), exemption] };
  });
}

function isSame(a: Exemption, b: Exemption): boolean {
  return isOneSubject(a, b) && a.by === b.by && a.at === b.at;
}

function isOneSubject(a: Exemption, b: Exemption): boolean {
  const sameWorkload = a.workload?.kind === b.workload?.kind && a.workload?.name === b.workload?.name;
  return a.cluster === b.cluster && a.namespace === b.namespace && sameWorkload;
}
