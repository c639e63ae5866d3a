import * as z from "zod";
import { GenOpsError } from "../core/errors.ts";
import type { CloudEvent } from "../core/events.ts";
import { readDocument, updateDocument } from "../ledger/json-document.ts";
import type { EventFunction, Invocation } from "../ports/invocation.ts";
import { fingerprintOf } from "./evaluate/fingerprint.ts";
import { evaluateAndTell } from "./evaluate-and-tell.ts";
import type { Runtime } from "./runtime.ts";
import { tellFindings } from "./tell-findings.ts";

/** What the last evaluation was about. */
const LastEvaluation = z.object({ fingerprint: z.string(), at: z.string() });
const LAST_EVALUATION = "evaluation/last.json";

/**
 * `evaluate`: when costs changed or the hour began, budgets, anomalies and deliveries → findings → people; `tell` sends only what a
 * receiver could not take before. A burst of events is one evaluation: the rest finds that nothing is new.
 */
export function createEvaluate(runtime: Runtime): EventFunction {
  return async (event, invocation) => {
    if (taskOf(event) === "tell") {
      await invocation.tracer.span("tell", {}, () => tellFindings(runtime, []));
      return;
    }
    await evaluateOnce(runtime, invocation);
  };
}

const Due = z.object({ task: z.enum(["evaluate", "tell"]) });

function taskOf({ type, data }: CloudEvent): "evaluate" | "tell" {
  if (type === "genops.costs.changed") return "evaluate";
  const due = type === "genops.schedule.due" ? Due.safeParse(data) : undefined;
  if (due?.success === true) return due.data.task;
  throw new GenOpsError("refused", `evaluate does not know what to do about ${type} ${JSON.stringify(data)}`);
}

/** The fingerprint is taken before: what changes meanwhile is for the next event. It is kept after: who dies between evaluates again. */
async function evaluateOnce(runtime: Runtime, { log, tracer }: Invocation): Promise<void> {
  const fingerprint = await fingerprintOf(runtime);
  const last = await readDocument(runtime.lake, LAST_EVALUATION, LastEvaluation);
  if (last?.value.fingerprint === fingerprint) {
    log.info("nothing is new since the last evaluation", { lastEvaluation: last.value.at });
    return;
  }
  const { findings, budgets } = await tracer.span("evaluate", {}, () => evaluateAndTell(runtime));
  const at = runtime.clock.now().toISOString();
  await updateDocument(runtime.lake, LAST_EVALUATION, LastEvaluation, () => ({ fingerprint, at }));
  log.info("evaluated", { findings: findings.length, budgets: budgets.budgets.length });
}
