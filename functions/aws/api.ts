import { lambdaHttp } from "../../shared/platforms/aws/functions/http.ts";

/** REST API, console, health checks and inbound hooks. */
export const handler = lambdaHttp(async (platform) => {
  const [{ createHttpHost }, { createApiFunction }] = await Promise.all([
    import("../../shared/usecases/host.ts"),
    import("../../shared/usecases/api.ts"),
  ]);
  return createHttpHost(platform, "api", createApiFunction);
});
