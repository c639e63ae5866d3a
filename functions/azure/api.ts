import { registerHttp } from "../../shared/platforms/azure/functions/app.ts";

/** REST API, console and health checks. */
const routes = {
  "": { route: "{*path}", callers: "signed-in" },
  health: { route: "healthz", callers: "anyone" },
} as const;

registerHttp("api", routes, async (platform) => {
  const [{ createHttpHost }, { createApiFunction }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/api.ts"),
  ]);
  return createHttpHost(platform, "api", createApiFunction);
});
