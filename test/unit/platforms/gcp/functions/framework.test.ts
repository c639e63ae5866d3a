import type { Server } from "node:http";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { registerEvents, registerHttp } from "../../../../../shared/platforms/gcp/functions/framework.ts";
import { createGcpPlatform } from "../../../../../shared/platforms/gcp/functions/platform.ts";
import type { HttpCall, PlatformCall } from "../../../../../shared/ports/platform.ts";
import { finalized, published, pushed } from "../../../../support/functions/gcp-events.ts";

const handled: { event: unknown; call: PlatformCall }[] = [];
const asked: HttpCall[] = [];
const servers: { events?: Server; http?: Server } = {};

beforeAll(async () => {
  const platform = createGcpPlatform({ CLOUD_RUN_TIMEOUT_SECONDS: "540", GENOPS_SIGN_IN: "platform" });
  const host = {
    async handle(event: unknown, call: PlatformCall) {
      if (JSON.stringify(event).includes("bad")) throw new Error("bad");
      handled.push({ event, call });
    },
  };
  const answer = async (request: Request, call: HttpCall) => {
    asked.push(call);
    return new Response(`${request.method} ${request.url} ${await request.text()}`, {
      status: 201,
      headers: { "x-a": "b" },
    });
  };
  registerEvents("collect", () => Promise.resolve(host), platform);
  registerHttp("api", () => Promise.resolve({ handle: answer }), platform);
  servers.events = await listen("collect");
  servers.http = await listen("api");
});
afterAll(() => {
  servers.events?.close();
  servers.http?.close();
});

function listen(name: string): Promise<Server> {
  const server = getTestServer(name);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function urlOf(server: Server | undefined, path = "/"): string {
  const address = server?.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}${path}`;
}

function send({ data, ...attributes }: Readonly<Record<string, unknown>>): Promise<Response> {
  const headers = Object.entries(attributes).map(([key, value]): [string, string] => [`ce-${key}`, String(value)]);
  return post("/", data, headers);
}

function post(path: string, body: unknown, headers: [string, string][] = []): Promise<Response> {
  return fetch(urlOf(servers.events, path), {
    method: "POST",
    headers: [["content-type", "application/json"], ...headers],
    body: JSON.stringify(body),
  });
}

describe("a Cloud Run function for events", () => {
  it("gets Eventarc's CloudEvents, with the time that is left", async () => {
    handled.length = 0;
    expect((await send(finalized("bills", "a/manifest.json"))).status).toBe(204);
    expect(handled).toMatchObject([
      { event: { data: { location: "gs://bills/a/manifest.json" } }, call: { id: "1096434104173400" } },
    ]);
    expect(handled[0]?.call.deadline.remainingMs()).toBeGreaterThan(500_000);
  });

  it("gets what a push subscription posts", async () => {
    handled.length = 0;
    const { path, body } = pushed({ text: '{"task":"collect"}' });
    expect((await post(path, body)).status).toBe(204);
    expect(handled).toMatchObject([
      {
        event: {
          type: "genops.schedule.due",
          source: "//pubsub.googleapis.com/projects/genops-test/topics/genops-collect",
        },
      },
    ]);
  });

  it("answers 500 when it fails, so that the message is delivered again", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const answer = await send(published({ text: '{"specversion":"1.0","id":"bad"}' }));
    expect(answer.status).toBe(500);
  });

  it("hands any JSON on: that the framework took it says nothing", async () => {
    handled.length = 0;
    expect((await post("/", { hello: 1 })).status).toBe(204);
    expect(handled).toMatchObject([{ event: { hello: 1 } }]);
  });
});

describe("a Cloud Run function for HTTP", () => {
  it("gets the raw request, and gives the whole answer", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded", "x-forwarded-proto": "https" };
    const answer = await fetch(urlOf(servers.http, "/hooks/slack?a=1"), {
      method: "POST",
      headers,
      body: "payload=%7B%7D",
    });
    expect([answer.status, answer.headers.get("x-a")]).toEqual([201, "b"]);
    expect(await answer.text()).toMatch(/^POST https:\/\/127\.0\.0\.1:\d+\/hooks\/slack\?a=1 payload=%7B%7D$/);
  });

  it("takes callers for signed in only if the deployment says that Cloud Run checks them, and they were checked", async () => {
    asked.length = 0;
    await fetch(urlOf(servers.http), { headers: { authorization: "Bearer x" } });
    await fetch(urlOf(servers.http));
    expect(asked.map(({ signedIn }) => signedIn)).toEqual([true, false]);
  });
});
