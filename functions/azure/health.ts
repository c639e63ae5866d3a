import { registerEvents } from "../../shared/platforms/azure/functions/app.ts";

/** Clusters and endpoints every minute → what changed → people. Starts on a schedule. */
const triggers = { schedules: { health: "0 * * * * *" } };

registerEvents("health", triggers, async (platform) => {
  const [{ createEventHost }, { createHealth }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/cluster-health.ts"),
  ]);
  return createEventHost(platform, "health", createHealth);
});
