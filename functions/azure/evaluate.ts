import { registerEvents } from "../../shared/platforms/azure/functions/app.ts";

/** Budgets, anomalies and deliveries → findings → people. Starts on `costs.changed` (queue) and on schedules. */
const triggers = {
  schedules: { evaluate: "0 5 * * * *", tell: "0 */5 * * * *" },
  queue: "GENOPS_QUEUE_EVALUATE",
};

registerEvents("evaluate", triggers, async (platform) => {
  const [{ createEventHost }, { createEvaluate }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/evaluate.ts"),
  ]);
  return createEventHost(platform, "evaluate", createEvaluate);
});
