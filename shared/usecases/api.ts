import { messageOf } from "../core/errors.ts";
import type { EventType } from "../core/events.ts";
import { createApi } from "../interfaces/api/api.ts";
import { isEnforcementPath, notSignedIn } from "../interfaces/api/approval-routes.ts";
import type { ApiDeps } from "../interfaces/api/deps.ts";
import { withSecurityHeaders } from "../interfaces/api/guard.ts";
import { isHookPath } from "../interfaces/api/hook-routes.ts";
import { problem, problemOf } from "../interfaces/api/problems.ts";
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
 * for whom the platform has signed in; plans of enforcement also for tokens of the configured issuer.
 */
export function createApiFunction(open: () => Promise<Runtime>, { signedIn, reaches }: ApiSurroundings): HttpFunction {
  return async (request, { log }) => {
    const { pathname } = new URL(request.url);
    if (HEALTH.has(pathname)) return health(request);
    const byToken = !signedIn && isEnforcementPath(pathname) && request.headers.has("authorization");
    if (!signedIn && !byToken && !isHookPath(pathname))
      return withSecurityHeaders(problem(401, "Sign in as docs/functions.md says."));
    const onError = (error: unknown) => log.error("request failed", { path: pathname, error: messageOf(error) });
    const runtime = await open();
    const deps = createApiDeps(runtime, undefined, { log, reaches, publish: runtime.events.publish });
    if (byToken) {
      const refused = await whyNotByToken(deps, request, onError);
      if (refused !== undefined) return withSecurityHeaders(refused);
    }
    return createApi(deps, { callers: "platform", onError })(request);
  };
}

/** Whom the platform does not know may see plans by a token with any role of ours. */
async function whyNotByToken(
  { plans }: ApiDeps,
  { headers }: Request,
  onError: (error: unknown) => void,
): Promise<Response | undefined> {
  try {
    const answer = await plans.signIn(headers);
    if (!answer.ok) return notSignedIn(answer.why);
    return answer.person.roles.size === 0 ? problem(403, "The token has none of the roles of GenOps.") : undefined;
  } catch (error) {
    onError(error);
    return problemOf(error);
  }
}

function health({ method }: Request): Response {
  if (method !== "GET" && method !== "HEAD") return problem(405, `This address does not know ${method}.`);
  return withSecurityHeaders(method === "HEAD" ? new Response(null) : Response.json({ status: "ok" }));
}
