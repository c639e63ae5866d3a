import { registerEvents } from "../../shared/platforms/azure/functions/app.ts";

/** Budgets that ask for more than a message → plans → clusters, and everything back. Starts on `action.wanted` and `action.approved` (queue) and on schedules. */
const triggers = {
  schedules: { enforce: "0 */10 * * * *" },
  queue: "GENOPS_QUEUE_ENFORCE",
};

registerEvents("enforce", triggers, async (platform) => {
  const [{ createEventHost }, { createEnforce }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/enforce.ts"),
  ]);
  return createEventHost(platform, "enforce", createEnforce);
});
