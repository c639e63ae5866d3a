import { readHolds } from "../hold/document.ts";
import { removeLayer } from "../hold/hold.ts";
import type { ClusterHolds, Hold, OwnWork } from "../types.ts";
import { findMarked, orphansOf } from "./orphans.ts";
import { settleOwn } from "./own-work.ts";
import { endReport } from "./report.ts";
import { beginRun, type Run } from "./run.ts";
import { settle } from "./settle.ts";
import type { RunReport, TransactionDeps } from "./types.ts";

/**
 * Every run begins with it: looks at everything that is held, completes, repeats or fences what an earlier run announced, takes up what bears
 * our marks and is not written down, and notices what others have changed since (ADR 0015). Where nothing happened it writes nothing.
 */
export async function recover(deps: TransactionDeps): Promise<RunReport> {
  const run = await beginRun(deps, "stop");
  await settleEverything(run);
  return endReport(run);
}

async function settleEverything(run: Run): Promise<void> {
  const { store, client } = run.deps;
  const now = run.now();
  const document = await readHolds(store, client.cluster, run.clusterUid);
  const orphans = orphansOf(client.cluster, document, await findMarked(run), now);
  for (const { ref } of orphans.holds)
    run.deps.log(`${ref.kind} ${ref.name} bears our mark and was not written down: taken up`);
  const refs = [...Object.values(document.holds), ...orphans.holds].map(({ ref }) => ref);
  const own = [...Object.values(document.own), ...orphans.own];
  await settle(run, {
    refs,
    prepare: (current) => withOrphans(withoutExpired(current, now), orphans),
    ...(own.length === 0
      ? {}
      : {
          during: () =>
            settleOwn(
              run,
              own.map((work) => expired(work, now)),
              "changes",
            ),
        }),
  });
}

/** What has expired before it was seen in force is not begun any more. */
function withoutExpired(document: ClusterHolds, now: string): ClusterHolds {
  const late = Object.values(document.holds).filter(
    (hold) => hold.intent?.direction === "apply" && hold.layers.some(({ expiresAt }) => expiresAt <= now),
  );
  const own = Object.values(document.own).filter((work) => work !== expired(work, now));
  if (late.length === 0 && own.length === 0) return document;
  const holds = late.map((hold): [string, Hold] => {
    const steps = hold.layers.filter(({ expiresAt }) => expiresAt <= now).map(({ step }) => step);
    return [hold.ref.uid, steps.reduce((rest, step) => removeLayer(rest, step, "expired"), hold)];
  });
  return {
    ...document,
    holds: { ...document.holds, ...Object.fromEntries(holds) },
    own: { ...document.own, ...Object.fromEntries(own.map((work) => [work.step, expired(work, now)])) },
  };
}

function expired(work: OwnWork, now: string): OwnWork {
  return work.state === "pending" && work.expiresAt <= now ? { ...work, state: "restoring" } : work;
}

/** The document with what was found without it. */
export function withOrphans(
  document: ClusterHolds,
  orphans: { holds: readonly Hold[]; own: readonly OwnWork[] },
): ClusterHolds {
  const holds = orphans.holds.filter(({ ref }) => document.holds[ref.uid] === undefined);
  const own = orphans.own.filter(({ step }) => document.own[step] === undefined);
  if (holds.length === 0 && own.length === 0) return document;
  return {
    ...document,
    holds: { ...document.holds, ...Object.fromEntries(holds.map((hold) => [hold.ref.uid, hold])) },
    own: { ...document.own, ...Object.fromEntries(own.map((work) => [work.step, work])) },
  };
}
