import path from "node:path";
import { httpApiEvent, s3Created, snsNotification, sqsBatch } from "../../support/functions/aws-events.ts";
import { startAwsServices } from "../../support/functions/aws-services.ts";
import { HOOK_SECRET, NOW } from "../support/workspace.ts";
import {
  AWS_BUDGET_TEXT,
  commonEnv,
  type DriverOptions,
  EXPORT_OF,
  type RuntimeDriver,
  type Stimulus,
} from "./driver.ts";
import { type LambdaFunction, startLambda } from "./lambda.ts";
import { logLines } from "./processes.ts";

/** AWS: each function's zip behind a Lambda Runtime API, SQS and SSM beside them. */
export async function startAws(options: DriverOptions): Promise<RuntimeDriver> {
  const services = await startAwsServices({ "/genops/azure-monitor": HOOK_SECRET });
  const env = { ...commonEnv(options, services, NOW), AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "2048" };
  const started = new Map<string, Promise<LambdaFunction>>();
  const functions: LambdaFunction[] = [];

  function open(name: string): Promise<LambdaFunction> {
    const lambda = started.get(name) ?? startLambda(path.join(options.packages, "aws", name), { name, env });
    if (!started.has(name)) void lambda.then((each) => functions.push(each));
    started.set(name, lambda);
    return lambda;
  }

  return {
    services,
    async deliver(name, stimulus) {
      const outcome = await (await open(name)).invoke(shapeOf(stimulus));
      if (!outcome.ok) return false;
      // What the queue does with a partial batch failure: only what is named is delivered again.
      const failures = (outcome.result as { batchItemFailures?: unknown[] } | null)?.batchItemFailures ?? [];
      return failures.length === 0;
    },
    async ask(shape) {
      const outcome = await (await open("api")).invoke(httpApiEvent(shape));
      if (!outcome.ok) throw new Error(outcome.errorMessage);
      const { statusCode, body } = outcome.result as { statusCode: number; body: string };
      return { status: statusCode, body };
    },
    logs: () => functions.flatMap((each) => logLines(each.output())),
    async close() {
      await Promise.all(functions.map((each) => each.close()));
      await services.close();
    },
  };
}

function shapeOf(stimulus: Stimulus): unknown {
  switch (stimulus.kind) {
    case "schedule":
      // What the rule's input transformer makes of its event (serverless.yml).
      return {
        specversion: "1.0",
        id: `rule-${stimulus.task}`,
        source: "aws.events",
        type: "genops.schedule.due",
        time: "2026-11-22T06:00:00Z",
        datacontenttype: "application/json",
        data: { task: stimulus.task },
      };
    case "object":
      return s3Created(EXPORT_OF.aws.bucket, encodeURIComponent(`${EXPORT_OF.aws.prefix}${stimulus.key}`));
    case "message":
      return sqsBatch([stimulus]);
    case "alert":
      return snsNotification({
        Message: AWS_BUDGET_TEXT,
        Subject: "AWS Budgets: ml has exceeded your alert threshold",
      });
    case "junk":
      return stimulus.value;
    default:
      return stimulus satisfies never;
  }
}
