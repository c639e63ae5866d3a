import type { ObjectStore, StoredObject } from "../../../ports/object-store.ts";
import { changeHolds } from "../hold/document.ts";
import { findMarked, orphansOf } from "../transaction/orphans.ts";
import { withOrphans } from "../transaction/recover.ts";
import { endReport } from "../transaction/report.ts";
import { beginRun } from "../transaction/run.ts";
import type { RestoreReport, TransactionDeps } from "../transaction/types.ts";
import { restoreRun } from "./restore.ts";

/**
 * Gives everything back by what stands on the objects alone, for when the lake is gone (`genops enforce restore --all`). The same transaction
 * over a document that lives for this run only; all of it in one run. What scale-only rights changed bears no mark and cannot be found.
 */
export async function restoreFromAnnotations(
  deps: Omit<TransactionDeps, "store" | "isStopped">,
): Promise<RestoreReport> {
  const caps = { ...deps.caps, restoresPerRun: Number.MAX_SAFE_INTEGER };
  const run = await beginRun(
    { ...deps, caps, store: scratchStore(), isStopped: () => Promise.resolve(false) },
    "deadline",
  );
  const marked = await findMarked(run);
  const identity = { cluster: deps.client.cluster, clusterUid: run.clusterUid };
  await changeHolds(run.deps.store, identity, (document) => {
    const found = withOrphans(document, orphansOf(identity.cluster, document, marked, run.now()));
    return Promise.resolve({ document: found, result: undefined });
  });
  const left = await restoreRun(run, { kind: "all" }, "by hand");
  return { ...endReport(run), left };
}

function scratchStore(): ObjectStore {
  const objects = new Map<string, StoredObject>();
  let writes = 0;
  return {
    get: (key) => Promise.resolve(objects.get(key)),
    put(key, body, when) {
      const found = objects.get(key);
      const holds = when === undefined || ("create" in when ? found === undefined : found?.etag === when.ifMatch);
      if (!holds) return Promise.resolve({ ok: false });
      const etag = String(++writes);
      objects.set(key, { body, etag });
      return Promise.resolve({ ok: true, etag });
    },
    delete(key) {
      objects.delete(key);
      return Promise.resolve();
    },
    async *list() {},
  };
}
