import { GenOpsError } from "../../../core/errors.ts";
import { readDocument, writeDocument } from "../../../ledger/json-document.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { ClosedWork, ClusterHolds, Hold, OwnWork } from "../types.ts";
import { HoldsSchema } from "./schema.ts";

/** So many ended pieces of work are kept, the newest. */
export const MOST_CLOSED = 500;

function holdsKey(cluster: string): string {
  return `enforcement/clusters/${cluster}.json`;
}

/** What is held in a cluster; empty when nothing ever was. */
export async function readHolds(store: ObjectStore, cluster: string, clusterUid: string): Promise<ClusterHolds> {
  return ofCluster(await readStoredHolds(store, cluster), cluster, clusterUid);
}

/** The document as it lies there, whatever cluster bears its name now. Undefined: nothing was ever held. */
export async function readStoredHolds(store: ObjectStore, cluster: string): Promise<ClusterHolds | undefined> {
  return (await readDocument(store, holdsKey(cluster), HoldsSchema))?.value;
}

/**
 * Changes a cluster's document by compare-and-swap. `change` may run several times (it reads objects, and has no other effects); what it finds
 * out comes back from the run that landed. Nothing is written where it gives back what it was given.
 */
export async function changeHolds<Result>(
  store: ObjectStore,
  { cluster, clusterUid }: Pick<ClusterHolds, "cluster" | "clusterUid">,
  change: (document: ClusterHolds) => Promise<{ document: ClusterHolds; result: Result }>,
): Promise<Result> {
  const key = holdsKey(cluster);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const read = await readDocument(store, key, HoldsSchema);
    const before = ofCluster(read?.value, cluster, clusterUid);
    const { document, result } = await change(before);
    if (document === before || (await writeDocument(store, key, HoldsSchema, document, read))) return result;
  }
  throw new GenOpsError("conflict", `document ${key} is changed by others all the time`, { retryable: true });
}

/** Every lost attempt means that somebody else's write landed. */
const MAX_ATTEMPTS = 50;

/** A cluster that was built anew under an old name holds nothing of ours: what is written down there is about objects that are no more. */
function ofCluster(stored: ClusterHolds | undefined, cluster: string, clusterUid: string): ClusterHolds {
  if (stored === undefined) return { cluster, clusterUid, holds: {}, own: {}, closed: [] };
  return stored.clusterUid === clusterUid ? stored : { ...stored, clusterUid, holds: {}, own: {} };
}

/** The document with these holds (undefined: none any more) and these pieces of work ended. The same document when nothing changes. */
export function withHolds(
  document: ClusterHolds,
  changed: ReadonlyMap<string, Hold | undefined>,
  closed: readonly ClosedWork[],
): ClusterHolds {
  const next = replaced(document.holds, changed);
  return next === document.holds && closed.length === 0 ? document : withClosed({ ...document, holds: next }, closed);
}

export function withOwn(
  document: ClusterHolds,
  changed: ReadonlyMap<string, OwnWork | undefined>,
  closed: readonly ClosedWork[],
): ClusterHolds {
  const next = replaced(document.own, changed);
  return next === document.own && closed.length === 0 ? document : withClosed({ ...document, own: next }, closed);
}

function withClosed(document: ClusterHolds, closed: readonly ClosedWork[]): ClusterHolds {
  return { ...document, closed: [...closed, ...document.closed].slice(0, MOST_CLOSED) };
}

function replaced<T>(
  before: Readonly<Record<string, T>>,
  changed: ReadonlyMap<string, T | undefined>,
): Readonly<Record<string, T>> {
  const differing = [...changed].filter(([key, value]) => before[key] !== value);
  if (differing.length === 0) return before;
  const after: Record<string, T> = { ...before };
  for (const [key, value] of differing) {
    if (value === undefined) delete after[key];
    else after[key] = value;
  }
  return after;
}
