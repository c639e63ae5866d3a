import { confirmAsked, endJob, type JobStep } from "../../ledger/collect/fan-out/run-job.ts";
import { type Call, publish } from "./events.ts";
import { reportRuns } from "./report-runs.ts";

/** Events on their way at once. */
const AT_ONCE = 16;

/** Does what a job needs next, except for what is to be reported. */
export async function followUp(call: Call, step: JobStep): Promise<void> {
  const { runtime, invocation } = call;
  switch (step.status) {
    case "ask": {
      const { job, parts } = step;
      for (let start = 0; start < parts.length; start += AT_ONCE) {
        const some = parts.slice(start, start + AT_ONCE);
        await Promise.all(some.map((part) => publish(call, "genops.collect.part", { job: job.id, part })));
      }
      await confirmAsked(runtime, job);
      invocation.log.info("converted part by part", { job: job.id, source: job.source, parts: parts.length });
      return;
    }
    case "superseded": {
      const { job, periods } = step;
      invocation.log.info("the export has changed; it is collected again", { source: job.source, periods });
      await publish(call, "genops.collect.wanted", { source: job.source, periods });
      await endJob(runtime, step);
      return;
    }
    case "finished":
      return;
    case "waiting":
      invocation.log.info("other parts are missing", { missing: step.missing });
      return;
    case "over":
      invocation.log.info("the job has ended before");
      return;
    default:
      return step satisfies never;
  }
}

/** Tells what became of a job. Only then it is over: who dies in between tells it again. */
export async function reportStep(call: Call, step: Extract<JobStep, { status: "finished" }>): Promise<void> {
  await reportRuns(call, step.runs, { partial: true });
  await endJob(call.runtime, step);
}
