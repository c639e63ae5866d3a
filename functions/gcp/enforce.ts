import { registerEvents } from "../../shared/platforms/gcp/functions/framework.ts";

/** Budgets that ask for more than a message → plans → clusters, and everything back. Starts on `action.wanted` and `action.approved` and on schedules (Pub/Sub). */
registerEvents("enforce", async (platform) => {
  const [{ createEventHost }, { createEnforce }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/enforce.ts"),
  ]);
  return createEventHost(platform, "enforce", createEnforce);
});
