import { lambdaEvents } from "../../shared/platforms/aws/functions/lambda.ts";

/** Budgets, anomalies and deliveries → findings → people. Starts on `costs.changed` (SQS) and on schedules. */
export const handler = lambdaEvents("evaluate", async (platform) => {
  const [{ createEventHost }, { createEvaluate }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/evaluate.ts"),
  ]);
  return createEventHost(platform, "evaluate", createEvaluate);
});
