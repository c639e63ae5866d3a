import { GenOpsError } from "../../core/errors.ts";
import { readStart } from "../hooks/read-start.ts";
import type { ApiDeps } from "./deps.ts";
import { etagOf, namesTag } from "./etag.ts";
import { guard, withSecurityHeaders } from "./guard.ts";
import { HOOK_BYTES, isHookPath } from "./hook-routes.ts";
import { openApiDocument } from "./openapi.ts";
import { problem, problemOf } from "./problems.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

export interface ApiOptions {
  /** Told of every failure that is answered with 500 or 503, for the log. */
  onError?: (error: unknown) => void;
  /** `platform`: whoever asks was let in by the platform, under a name that only it knows. Default: only this machine asks. */
  callers?: "this-machine" | "platform";
}

interface Served {
  route: Route;
  pattern: RegExp;
}

const OPENAPI_PATH = "/api/v1/openapi.json";

/**
 * The HTTP API and the first page: a Web `Request` in, a `Response` out, never an exception. Answers only to loopback names unless the
 * platform signs callers in, refuses changes from other origins, sends problem+json for every failure, and an ETag with every GET.
 */
export function createApi(deps: ApiDeps, options: ApiOptions = {}): (request: Request) => Promise<Response> {
  const served = ROUTES.map((route): Served => ({ route, pattern: patternOf(route.path) }));
  let description: string | undefined;

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const refusal = isHookPath(url.pathname) ? undefined : guard(request, url, options.callers ?? "this-machine");
    if (refusal !== undefined) return refusal;
    if (url.pathname === OPENAPI_PATH && isRead(request)) {
      description ??= JSON.stringify(openApiDocument());
      return new Response(description, { headers: { "content-type": "application/json" } });
    }
    return dispatch(served, deps, request, url);
  }

  return async (request) => {
    const response = await answer(request).catch((error: unknown) => {
      const failed = problemOf(error);
      if (failed.status >= 500) options.onError?.(error);
      return failed;
    });
    return withSecurityHeaders(isRead(request) ? await conditional(request, response) : response);
  };
}

async function dispatch(served: readonly Served[], deps: ApiDeps, request: Request, url: URL): Promise<Response> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  const here = served.filter(({ pattern }) => pattern.test(url.pathname));
  const match = here.find(({ route }) => route.method === method);
  if (match !== undefined) {
    const body = match.route.method === "POST" ? await readBodyOf(match.route, request) : undefined;
    if (body instanceof Response) return body;
    const parameters = decodeParameters(match.pattern.exec(url.pathname)?.groups ?? {});
    return match.route.handle({ deps, parameters, query: queryOf(url), body, headers: request.headers });
  }
  if (here.length === 0) return problem(404, "There is nothing at this address.");
  const response = problem(405, `This address does not know ${method}.`);
  response.headers.set(
    "allow",
    here.map(({ route }) => (route.method === "GET" ? "GET, HEAD" : route.method)).join(", "),
  );
  return response;
}

function isRead(request: Request): boolean {
  return request.method === "GET" || request.method === "HEAD";
}

function patternOf(path: string): RegExp {
  const source = path.replace(/[.]/g, "\\.").replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/]+)`);
  return new RegExp(`^${source}$`);
}

function decodeParameters(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch (error) {
    throw new GenOpsError("usage", "the address is not valid percent-encoding", { cause: error });
  }
}

/** A repeated parameter is a mistake that would otherwise be decided silently. */
function queryOf(url: URL): Record<string, string> {
  const names = [...url.searchParams.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new GenOpsError("usage", "a query parameter is given twice", { place: { field: twice } });
  return Object.fromEntries(url.searchParams);
}

async function readBodyOf(route: Route, request: Request): Promise<unknown> {
  const text = await readStart(request, HOOK_BYTES + 1);
  if (Buffer.byteLength(text) > HOOK_BYTES) return problem(413, "The body is larger than 1 MiB.");
  return route.hook === undefined ? readJson(request, text) : text;
}

function readJson(request: Request, text: string): unknown {
  if (text === "") return {};
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return problem(415, "Send the body as application/json.");
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GenOpsError("usage", "the body is not JSON", { cause: error });
  }
}

/** Adds the ETag, answers 304 when the caller has this representation, and leaves out the body of a HEAD. */
async function conditional(request: Request, response: Response): Promise<Response> {
  if (response.status !== 200) return request.method === "HEAD" ? new Response(null, response) : response;
  const body = await response.text();
  const headers = new Headers(response.headers);
  const tag = headers.get("etag") ?? etagOf(body);
  headers.set("etag", tag);
  const known = request.headers.get("if-none-match");
  if (known !== null && namesTag(known, tag, "weak")) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { status: 200, headers });
}
