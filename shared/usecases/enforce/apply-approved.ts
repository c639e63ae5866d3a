import { readPlan } from "../../clusters/enforcement/approvals/plan-records.ts";
import { recover } from "../../clusters/enforcement/transaction/recover.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Log } from "../../ports/invocation.ts";
import type { Runtime } from "../runtime.ts";
import { carryOut, type PlanOutcome } from "./carry-out.ts";
import { readKillSwitch } from "./kill-switch.ts";
import { openTarget, targetsOf } from "./targets.ts";

/** Carries out one plan that people have approved: exactly that one. Throws `usage` when there is no such plan, `refused` while stopped. */
export async function applyApproved(runtime: Runtime, hash: string, { log }: { log?: Log } = {}): Promise<PlanOutcome> {
  const stop = await readKillSwitch(runtime.lake);
  if (stop?.stopped === true)
    throw new GenOpsError("refused", `GenOps is stopped since ${stop.at} by ${stop.by}: ${stop.reason}`);
  const record = await readPlan(runtime.lake, hash);
  if (record === undefined) throw new GenOpsError("usage", `there is no plan ${hash}; see genops enforce status`);
  const [target] = await targetsOf(runtime, [record.plan.cluster]);
  if (target === undefined) throw new GenOpsError("refused", `cluster ${record.plan.cluster} is not known any more`);
  const work = await openTarget(runtime, target, log);
  await recover(work.deps);
  return carryOut(runtime, work, hash);
}
