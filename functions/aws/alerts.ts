import { lambdaEvents } from "../../shared/platforms/aws/functions/lambda.ts";

/** AWS Budgets (SNS) and Cost Anomaly Detection (EventBridge, SNS) → findings. */
export const handler = lambdaEvents("alerts", async (platform) => {
  const [{ createEventHost }, { createAlerts }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/alerts.ts"),
  ]);
  return createEventHost(platform, "alerts", createAlerts);
});
