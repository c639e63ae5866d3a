import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { once } from "../../../core/once.ts";
import type { HttpHost, Platform } from "../../../ports/platform.ts";
import { callOf } from "./lambda.ts";
import { createAwsPlatform } from "./platform.ts";

type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** A Lambda function behind an HTTP API (payload 2.0). `load` brings everything heavy at the first call. */
export function lambdaHttp(load: (platform: Platform) => Promise<HttpHost>): HttpHandler {
  const open = once(() => load(createAwsPlatform()));
  return async (event, context) => {
    const host = await open();
    const request = requestOf(event);
    const traceparent = request.headers.get("traceparent") ?? undefined;
    return resultOf(await host.handle(request, { ...callOf(context), traceparent, signedIn: isSignedIn(event) }));
  };
}

/** Set by API Gateway when a route's authorizer let the caller in; a caller cannot set it. */
function isSignedIn({ requestContext }: APIGatewayProxyEventV2): boolean {
  return "authorizer" in requestContext && requestContext.authorizer !== undefined;
}

function requestOf(event: APIGatewayProxyEventV2): Request {
  const { rawPath, rawQueryString, body, isBase64Encoded, cookies, requestContext } = event;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) if (value !== undefined) headers.set(name, value);
  if (cookies !== undefined) headers.set("cookie", cookies.join("; "));
  const query = rawQueryString === "" ? "" : `?${rawQueryString}`;
  const { method } = requestContext.http;
  const reads = method === "GET" || method === "HEAD";
  return new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
    method,
    headers,
    ...(body === undefined || reads ? {} : { body: isBase64Encoded ? Buffer.from(body, "base64") : body }),
  });
}

async function resultOf(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const cookies = response.headers.getSetCookie();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== "set-cookie"));
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    ...(isText(response)
      ? { body: bytes.toString("utf8") }
      : { body: bytes.toString("base64"), isBase64Encoded: true }),
  };
}

function isText({ headers }: Response): boolean {
  return /^(text\/|application\/(json|problem\+json|xml|javascript|openmetrics))/.test(
    headers.get("content-type") ?? "text/plain",
  );
}
