import * as z from "zod";
import { GenOpsError } from "../core/errors.ts";
import type { CloudEvent } from "../core/events.ts";
import type { EventFunction, Log } from "../ports/invocation.ts";
import { handleDecision } from "./approvals.ts";
import { applyApproved } from "./enforce/apply-approved.ts";
import { type EnforceReport, enforceOnce } from "./enforce/run.ts";
import type { Runtime } from "./runtime.ts";

const Due = z.object({ task: z.literal("enforce") });
/** `again`: how often it was put off or looked at again on the way here. */
const Wanted = z.object({ again: z.int().nonnegative().catch(0) }).catch({ again: 0 });

/** After so many looks in a row the schedule goes on. */
const MOST_LOOKS = 5;
const LONGEST_DELAY_MS = 15 * 60_000;

/**
 * `enforce`: when something is wanted, when a person decided, and on a schedule: budgets → plans → clusters, and everything back. Idempotent:
 * what is done is seen in the clusters and in the lake, not remembered from the event.
 */
export function createEnforce(runtime: Runtime): EventFunction {
  return async (event, invocation) => {
    if (event.type === "genops.action.approved") {
      await invocation.tracer.span("decision", {}, () => decide(runtime, event, invocation.log));
      return;
    }
    const again = againOf(event);
    const report = await invocation.tracer.span("enforce", {}, () => enforceOnce(runtime, { log: invocation.log }));
    logReport(invocation.log, report);
    await lookAgain(runtime, report, again);
  };
}

function againOf({ type, data }: CloudEvent): number {
  if (type === "genops.action.wanted") return Wanted.parse(data).again;
  if (type === "genops.schedule.due" && Due.safeParse(data).success) return 0;
  throw new GenOpsError("refused", `enforce does not know what to do about ${type} ${JSON.stringify(data)}`);
}

async function decide(runtime: Runtime, event: CloudEvent, log: Log): Promise<void> {
  const outcome = await handleDecision(runtime, event);
  if (!outcome.counted) {
    log.info("a decision does not count", { why: outcome.why });
    return;
  }
  const { record } = outcome;
  log.info("decided", { plan: record.plan.hash, state: record.state });
  if (record.state !== "approved") return;
  const { outcome: done, why } = await applyApproved(runtime, record.plan.hash, { log });
  log.info("plan", { plan: record.plan.hash, outcome: done, why });
}

function logReport(log: Log, { stopped, wants, clusters, left }: EnforceReport): void {
  for (const { cluster, problem, plans } of clusters) {
    if (problem !== undefined) log.warn("not enforced", { cluster, problem });
    for (const { plan, outcome } of plans)
      log.info("plan", { cluster, plan: plan.hash, outcome, steps: plan.steps.length, leftOut: plan.leftOut.length });
  }
  log.info("enforced", {
    wants: wants.length,
    clusters: clusters.length,
    left,
    ...(stopped === undefined ? {} : { stopped }),
  });
}

/** What was written is looked at again soon, and what there was no time for is gone on with. */
async function lookAgain(runtime: Runtime, { clusters, left }: EnforceReport, again: number): Promise<void> {
  const at = clusters.flatMap(({ verifyAgainAt }) => verifyAgainAt ?? []).sort()[0];
  if ((at === undefined && left.length === 0) || again >= MOST_LOOKS) return;
  const { clock, randomness } = runtime;
  const wait = at === undefined || left.length > 0 ? 0 : Date.parse(at) - clock.now().getTime();
  await runtime.events.publish(
    {
      specversion: "1.0",
      id: randomness.id(),
      source: "genops/enforce",
      type: "genops.action.wanted",
      time: clock.now().toISOString(),
      datacontenttype: "application/json",
      data: { again: again + 1 },
    },
    { delayMs: Math.min(Math.max(0, wait), LONGEST_DELAY_MS) },
  );
}
