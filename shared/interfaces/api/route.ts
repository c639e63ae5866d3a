import type * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { ApiDeps } from "./deps.ts";

/** A request after routing and validation. */
export interface Call<Query, Body> {
  deps: ApiDeps;
  parameters: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  headers: Headers;
}

/** One row of the route table: what the router serves and what the OpenAPI document says. */
export interface Route {
  method: "GET" | "POST";
  /** `{name}` is a path parameter. */
  path: string;
  id: string;
  summary: string;
  query: z.ZodType<Readonly<Record<string, unknown>>>;
  /** JSON body of a POST. */
  body?: z.ZodType;
  /** A webhook that verifies its sender itself: its body is text of any content type, and it is served to everybody. */
  hook?: { consumes: readonly string[] };
  /** Whoever asks has to prove themselves by an OIDC bearer token. What it changes is named wholly by its address, so it takes no If-Match. */
  bearer?: true;
  /** Schema of the JSON answer; absent for a page or plain text. */
  answer?: z.ZodType;
  /** The statuses beside 200 that it can answer with. */
  problems: readonly number[];
  handle: (call: Call<unknown, unknown>) => Promise<Response>;
}

/** A route whose handler sees the query and the body as their schemas read them. */
export function defineRoute<Query extends Readonly<Record<string, unknown>>, Body>(route: {
  method: Route["method"];
  path: string;
  id: string;
  summary: string;
  query: z.ZodType<Query>;
  body: z.ZodType<Body>;
  bearer?: true;
  answer?: z.ZodType;
  problems: readonly number[];
  handle: (call: Call<Query, Body>) => Promise<Response>;
}): Route {
  const { body, handle, ...rest } = route;
  return {
    ...rest,
    ...(route.method === "POST" ? { body } : {}),
    handle: (call) => handle({ ...call, query: read(route.query, call.query), body: read(body, call.body) }),
  };
}

/** The value as the schema reads it, or a `usage` error that names the field. */
function read<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new GenOpsError("usage", issue?.message ?? "the request is wrong", field === "" ? {} : { place: { field } });
}
