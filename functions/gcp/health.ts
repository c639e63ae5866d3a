import { registerEvents } from "../../shared/platforms/gcp/functions/framework.ts";

/** Clusters and endpoints every minute → what changed → people. Starts on a schedule. */
registerEvents("health", async (platform) => {
  const [{ createEventHost }, { createHealth }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/cluster-health.ts"),
  ]);
  return createEventHost(platform, "health", createHealth);
});
