import { registerHttp } from "../../shared/platforms/gcp/functions/framework.ts";

/** REST API, console, health checks and inbound hooks. */
registerHttp("api", async (platform) => {
  const [{ createHttpHost }, { createApiFunction }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/api.ts"),
  ]);
  return createHttpHost(platform, "api", createApiFunction);
});
