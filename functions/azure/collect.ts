import { registerEvents } from "../../shared/platforms/azure/functions/app.ts";

/** Pulls bills into the ledger. Starts on schedules, on export manifests (Event Grid) and on `collect.wanted` (queue). */
const triggers = {
  schedules: { collect: "0 17 */6 * * *", sweep: "0 41 3 * * *" },
  queue: "GENOPS_QUEUE_COLLECT",
  blobs: true,
};

registerEvents("collect", triggers, async (platform) => {
  const [{ createEventHost }, { createCollect }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/collect.ts"),
  ]);
  return createEventHost(platform, "collect", createCollect);
});
