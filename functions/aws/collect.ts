import { lambdaEvents } from "../../shared/platforms/aws/functions/lambda.ts";

/** Pulls bills into the ledger. Starts on schedules, on export manifests (S3) and on `collect.wanted` (SQS). */
export const handler = lambdaEvents("collect", async (platform) => {
  const [{ createEventHost }, { createCollect }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/collect.ts"),
  ]);
  return createEventHost(platform, "collect", createCollect);
});
