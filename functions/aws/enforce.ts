import { lambdaEvents } from "../../shared/platforms/aws/functions/lambda.ts";

/** Budgets that ask for more than a message → plans → clusters, and everything back. Starts on `action.wanted` and `action.approved` (SQS) and on schedules. */
export const handler = lambdaEvents("enforce", async (platform) => {
  const [{ createEventHost }, { createEnforce }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/enforce.ts"),
  ]);
  return createEventHost(platform, "enforce", createEnforce);
});
