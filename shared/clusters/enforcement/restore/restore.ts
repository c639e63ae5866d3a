import { readHolds } from "../hold/document.ts";
import { removeLayer } from "../hold/hold.ts";
import { settleOwn } from "../transaction/own-work.ts";
import { endReport } from "../transaction/report.ts";
import { beginRun, type Run } from "../transaction/run.ts";
import { settle } from "../transaction/settle.ts";
import type { RestoreReport, TransactionDeps } from "../transaction/types.ts";
import type { ClusterHolds, Hold, OwnWork, RestoreReason } from "../types.ts";
import { type Chosen, choose, type Selection } from "./select.ts";

export type { Selection } from "./select.ts";

/** Restores that people ask for do not obey the kill switch: who stops GenOps may want everything back. */
const BY_PEOPLE: ReadonlySet<RestoreReason> = new Set(["by hand", "stop"]);

/**
 * Gives back what is selected, and first what has expired: at most `restoresPerRun` objects, wave by wave (block before throttle before freeze).
 * Only what still is as we wrote it is written; what somebody changed after us stays, and is reported.
 */
export async function restore(
  deps: TransactionDeps,
  selection: Selection,
  reason: RestoreReason,
): Promise<RestoreReport> {
  const run = await beginRun(deps, BY_PEOPLE.has(reason) ? "deadline" : "stop");
  const left = await restoreRun(run, selection, reason);
  return { ...endReport(run), left };
}

/** How many objects have to wait for the next run. */
export async function restoreRun(run: Run, selection: Selection, reason: RestoreReason): Promise<number> {
  const { store, client, caps } = run.deps;
  const document = await readHolds(store, client.cluster, run.clusterUid);
  const all = choose(document, selection, run.now());
  const now = all.slice(0, caps.restoresPerRun);
  for (const rung of [...new Set(now.map((each) => each.rung))].toSorted((a, b) => b - a)) {
    const closed = await run.gate();
    if (closed !== undefined) {
      run.aborted ??= closed;
      return all.length;
    }
    await restoreWave(
      run,
      document,
      now.filter((each) => each.rung === rung),
      reason,
    );
  }
  return all.length - now.length;
}

async function restoreWave(
  run: Run,
  document: ClusterHolds,
  wave: readonly Chosen[],
  reason: RestoreReason,
): Promise<void> {
  const refs = wave.flatMap(({ uid }) => document.holds[uid ?? ""]?.ref ?? []);
  const own = wave.flatMap(({ uid, steps }) => (uid === undefined ? steps : []));
  await settle(run, {
    refs,
    prepare: (current) => leaving(current, wave, reason),
    ...(own.length === 0 ? {} : { during: () => takeBack(run, own) }),
  });
}

async function takeBack(run: Run, steps: readonly string[]) {
  const { own } = await readHolds(run.deps.store, run.deps.client.cluster, run.clusterUid);
  return settleOwn(
    run,
    steps.flatMap((step) => own[step] ?? []),
  );
}

function leaving(document: ClusterHolds, wave: readonly Chosen[], reason: RestoreReason): ClusterHolds {
  const holds: Record<string, Hold> = { ...document.holds };
  const own: Record<string, OwnWork> = { ...document.own };
  for (const { uid, steps, isExpired } of wave) {
    for (const step of steps) {
      const [hold, work] = [holds[uid ?? ""], own[step]];
      if (hold !== undefined) holds[hold.ref.uid] = removeLayer(hold, step, isExpired ? "expired" : reason);
      else if (uid === undefined && work !== undefined) own[step] = { ...work, state: "restoring" };
    }
  }
  return { ...document, holds, own };
}
