import type { SourceConfig } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import { failedRun } from "../../ledger/collect/collect-source.ts";
import { assertFileSource } from "../../ledger/collect/deps.ts";
import { readJob } from "../../ledger/collect/fan-out/job.ts";
import { workOnPart } from "../../ledger/collect/fan-out/run-job.ts";
import { type Call, dataOf, Part, publish } from "./events.ts";
import { followUp, reportStep } from "./job-step.ts";
import { reportRuns } from "./report-runs.ts";
import { isTimeFor, timeFor } from "./time-left.ts";

/** `genops.collect.part`: converts one part of a large export; the last one commits. */
export async function collectPart(call: Call, sources: readonly SourceConfig[]): Promise<void> {
  const { runtime, invocation } = call;
  const { part, deferred, ...data } = dataOf(call.event, Part);
  const job = await readJob(runtime.lake, data.job);
  const source = sources.find(({ id }) => id === job?.source);
  if (job === undefined || source === undefined) {
    invocation.log.warn("no such job, or its source is not collected here", { job: data.job, source: job?.source });
    return;
  }
  assertFileSource(source);
  const file = job.parts[part];
  if (file === undefined) throw new GenOpsError("refused", `job ${job.id} has no part ${part}`);
  const needed = timeFor(file.sizeBytes);
  if (!isTimeFor(needed, invocation.deadline.remainingMs(), deferred)) {
    await publish(call, "genops.collect.part", { job: job.id, part, deferred: (deferred ?? 0) + 1 });
    return;
  }
  const attributes = { source: source.id, job: job.id, part };
  const step = await invocation.tracer.span("collect part", attributes, () =>
    workOnPart(runtime, source, { job, part }).catch(async (error: unknown) => {
      if (error instanceof GenOpsError) {
        await reportRuns(call, [failedRun(source.id, job.delivery.period ?? "", error)], { partial: true });
        return undefined;
      }
      throw error;
    }),
  );
  if (step === undefined) return;
  await followUp(call, step);
  if (step.status === "finished") await reportStep(call, step);
}
