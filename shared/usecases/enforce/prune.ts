import { approvalsKey, planKey } from "../../clusters/enforcement/approvals/documents.ts";
import { listPlans } from "../../clusters/enforcement/approvals/plan-records.ts";
import type { PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import { addDays, dayOf } from "../../core/period.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { removeDryRuns } from "./dry-run-log.ts";

/** As long as a simulation may look back. */
const KEPT_DAYS = 400;

/** Nothing can come of them any more. What was applied stays until it was given back. */
const OVER: ReadonlySet<PlanRecord["state"]> = new Set(["expired", "rejected", "restored"]);

/** Forgets plans that ended long ago, with what people said of them, and old dry runs. Safe at any time. Gives back how many documents went. */
export async function pruneEnforcement({
  lake,
  clock,
}: {
  lake: ObjectStore;
  clock: Pick<Clock, "now">;
}): Promise<number> {
  const first = addDays(dayOf(clock.now()), -KEPT_DAYS);
  const isOld = ({ state, updatedAt, until }: PlanRecord) =>
    OVER.has(state) && updatedAt.slice(0, 10) < first && (until ?? "").slice(0, 10) < first;
  const old = (await listPlans(lake)).filter(isOld);
  for (const { plan } of old) {
    // The record last: while it is there, the rest is found again.
    await lake.delete(approvalsKey(plan.hash));
    await lake.delete(planKey(plan.hash));
  }
  return old.length + (await removeDryRuns(lake, first));
}
