import { lambdaEvents } from "../../shared/platforms/aws/functions/lambda.ts";

/** Clusters and endpoints every minute → what changed → people. Starts on a schedule. */
export const handler = lambdaEvents("health", async (platform) => {
  const [{ createEventHost }, { createHealth }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/cluster-health.ts"),
  ]);
  return createEventHost(platform, "health", createHealth);
});
