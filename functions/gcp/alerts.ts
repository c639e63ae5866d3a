import { registerEvents } from "../../shared/platforms/gcp/functions/framework.ts";

/** Google's budget messages (Pub/Sub) → findings. */
registerEvents("alerts", async (platform) => {
  const [{ createEventHost }, { createAlerts }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/alerts.ts"),
  ]);
  return createEventHost(platform, "alerts", createAlerts);
});
