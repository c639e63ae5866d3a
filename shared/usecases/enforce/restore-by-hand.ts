import { restore } from "../../clusters/enforcement/restore/restore.ts";
import { restoreFromAnnotations } from "../../clusters/enforcement/restore/restore-from-annotations.ts";
import type { Selection } from "../../clusters/enforcement/restore/select.ts";
import { recover } from "../../clusters/enforcement/transaction/recover.ts";
import type { RestoreReport } from "../../clusters/enforcement/transaction/types.ts";
import { messageOf } from "../../core/errors.ts";
import type { Runtime } from "../runtime.ts";
import { nameOf, openTarget, targetsOf } from "./targets.ts";

export interface RestoreWish {
  clusters?: readonly string[] | undefined;
  /** `annotations`: from the objects alone. */
  what: Selection | { kind: "annotations" };
}

export interface ClusterRestore {
  cluster: string;
  reports: readonly RestoreReport[];
  problem?: string;
}

/** A run puts back so many objects at most; by hand it goes on until nothing is left, or nothing more comes back. */
const MOST_ROUNDS = 100;

/** Gives back what a person asks for, also while GenOps is stopped. A cluster that does not answer does not keep the others waiting. */
export async function restoreByHand(runtime: Runtime, { clusters, what }: RestoreWish): Promise<ClusterRestore[]> {
  const restores: ClusterRestore[] = [];
  for (const target of await targetsOf(runtime, clusters)) {
    const work = await openTarget(runtime, target).catch((error: unknown) => messageOf(error));
    const cluster = nameOf(target);
    if (typeof work === "string") restores.push({ cluster, reports: [], problem: work });
    else if (!work.readOnly) restores.push({ cluster, ...(await restoreAll(work.deps, what)) });
  }
  return restores;
}

async function restoreAll(
  deps: Parameters<typeof restore>[0],
  what: RestoreWish["what"],
): Promise<Pick<ClusterRestore, "reports" | "problem">> {
  const reports: RestoreReport[] = [];
  try {
    if (what.kind === "annotations") return { reports: [await restoreFromAnnotations(deps)] };
    await recover(deps);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const report = await restore(deps, what, "by hand");
      reports.push(report);
      if (report.left === 0 || report.aborted !== undefined) break;
    }
    return { reports };
  } catch (error) {
    return { reports, problem: messageOf(error) };
  }
}
