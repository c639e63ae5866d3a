import { registerEvents } from "../../shared/platforms/gcp/functions/framework.ts";

/** Pulls bills into the ledger. Starts on schedules, on export manifests and on `collect.wanted` (Pub/Sub). */
registerEvents("collect", async (platform) => {
  const [{ createEventHost }, { createCollect }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/collect.ts"),
  ]);
  return createEventHost(platform, "collect", createCollect);
});
