import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { lambdaHttp } from "../../../../../shared/platforms/aws/functions/http.ts";
import type { HttpCall } from "../../../../../shared/ports/platform.ts";
import { type HttpCallShape, httpApiEvent } from "../../../../support/functions/aws-events.ts";

const CONTEXT = { awsRequestId: "r-1", getRemainingTimeInMillis: () => 1_000 } as Context;

async function ask(shape: HttpCallShape, answer: (request: Request, call: HttpCall) => Promise<Response>) {
  const handler = lambdaHttp(() => Promise.resolve({ handle: answer }));
  return handler(httpApiEvent(shape) as APIGatewayProxyEventV2, CONTEXT);
}

describe("a Lambda function behind an HTTP API", () => {
  it("gets the request as it was sent, also its raw body", async () => {
    const shape = { method: "POST", path: "/hooks/sns", query: "a=1&b=%20", headers: { "x-a": "b" }, body: "müsli" };
    const result = await ask(shape, async (request) =>
      Response.json([request.method, request.url, request.headers.get("x-a"), await request.text()]),
    );
    expect(result.statusCode).toBe(200);
    expect(JSON.parse(result.body ?? "")).toEqual([
      "POST",
      "https://api.example.com/hooks/sns?a=1&b=%20",
      "b",
      "müsli",
    ]);
  });

  it.each([true, false])("knows whether the gateway let the caller in: %s", async (signedIn) => {
    const result = await ask({ method: "GET", path: "/", signedIn }, async (_request, call) =>
      Response.json(call.signedIn),
    );
    expect(result.body).toBe(String(signedIn));
  });

  it("continues the caller's trace", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const shape = { method: "GET", path: "/", headers: { traceparent } };
    expect((await ask(shape, async (_request, call) => new Response(call.traceparent))).body).toBe(traceparent);
  });

  it("answers bytes as base64, text as text, and cookies apart", async () => {
    const bytes = await ask({ method: "GET", path: "/" }, async () => {
      const headers = new Headers({ "content-type": "image/png" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response(new Uint8Array([137, 80]), { headers, status: 201 });
    });
    expect(bytes).toMatchObject({ statusCode: 201, isBase64Encoded: true, body: "iVA=", cookies: ["a=1", "b=2"] });
    expect(await ask({ method: "GET", path: "/" }, async () => new Response("ok"))).toMatchObject({ body: "ok" });
  });
});
