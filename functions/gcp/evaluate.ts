import { registerEvents } from "../../shared/platforms/gcp/functions/framework.ts";

/** Budgets, anomalies and deliveries → findings → people. Starts on `costs.changed` and on schedules (Pub/Sub). */
registerEvents("evaluate", async (platform) => {
  const [{ createEventHost }, { createEvaluate }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/evaluate.ts"),
  ]);
  return createEventHost(platform, "evaluate", createEvaluate);
});
