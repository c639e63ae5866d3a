import { registerEvents, registerHttp } from "../../shared/platforms/azure/functions/app.ts";

/** Azure's budget alerts (Action Group, secure webhook) and the hooks of other senders → findings. */
const routes = { "": { route: "hooks/{*path}", callers: "anyone" } } as const;

registerHttp("alerts", routes, async (platform) => {
  const [{ createHttpHost }, { createApiFunction }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/api.ts"),
  ]);
  return createHttpHost(platform, "alerts", createApiFunction);
});

/** What the hooks have verified, where it goes through a queue. */
registerEvents("alerts", { schedules: {}, queue: "GENOPS_QUEUE_ALERTS" }, async (platform) => {
  const [{ createEventHost }, { createAlerts }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/alerts.ts"),
  ]);
  return createEventHost(platform, "alerts", createAlerts);
});
