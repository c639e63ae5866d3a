import { problem } from "./problems.ts";

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Keeps other people's web pages out of an API that trusts its machine: the host must be a loopback name (a rebound DNS name is not)
 * unless the platform signs callers in, and what changes something must come from the API's own origin or from no browser at all.
 * `undefined`: let it pass.
 */
export function guard(request: Request, url: URL, callers: "this-machine" | "platform"): Response | undefined {
  if (callers === "this-machine" && !LOOPBACK_NAMES.has(url.hostname))
    return problem(421, "GenOps answers only to localhost.");
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const foreign = origin === null ? site !== null && site !== "same-origin" && site !== "none" : origin !== url.origin;
  return foreign ? problem(403, "Requests from other origins may not change anything.") : undefined;
}

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "private, no-cache",
};

/** The response with the headers that every answer carries; what it set itself stays. */
export function withSecurityHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}
