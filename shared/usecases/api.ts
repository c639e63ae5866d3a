import { messageOf } from "../core/errors.ts";
import type { EventType } from "../core/events.ts";
import { createApi } from "../interfaces/api/api.ts";
import { withSecurityHeaders } from "../interfaces/api/guard.ts";
import { isHookPath } from "../interfaces/api/hook-routes.ts";
import { problem } from "../interfaces/api/problems.ts";
import type { HttpFunction } from "../ports/invocation.ts";
import { createApiDeps } from "./api-deps.ts";
import type { Runtime } from "./runtime.ts";

export interface ApiSurroundings {
  /** The platform knows the caller and let them in. */
  signedIn: boolean;
  /** Is there a function that listens to events of this type? */
  reaches(type: EventType): boolean;
}

/** Answers without knowing who asks, and without the ledger: for load balancers and uptime checks. */
const HEALTH: ReadonlySet<string> = new Set(["/healthz", "/health"]);

/**
 * `api` in the clouds: health checks for everybody; hooks, which verify their senders themselves; costs, budgets, findings and the console
 * for whom the platform has signed in.
 */
export function createApiFunction(open: () => Promise<Runtime>, { signedIn, reaches }: ApiSurroundings): HttpFunction {
  return async (request, { log }) => {
    const { pathname } = new URL(request.url);
    if (HEALTH.has(pathname)) return health(request);
    if (!signedIn && !isHookPath(pathname))
      return withSecurityHeaders(problem(401, "Sign in as docs/functions.md says."));
    const onError = (error: unknown) => log.error("request failed", { path: pathname, error: messageOf(error) });
    const runtime = await open();
    const queued = reaches("genops.alert.received");
    const deps = createApiDeps(runtime, undefined, { log, ...(queued ? { publish: runtime.events.publish } : {}) });
    return createApi(deps, { callers: "platform", onError })(request);
  };
}

function health({ method }: Request): Response {
  if (method !== "GET" && method !== "HEAD") return problem(405, `This address does not know ${method}.`);
  return withSecurityHeaders(method === "HEAD" ? new Response(null) : Response.json({ status: "ok" }));
}
