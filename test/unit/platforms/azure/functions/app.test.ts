import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpCall, PlatformCall } from "../../../../../shared/ports/platform.ts";
import { installAzureCore } from "../../../../support/functions/azure-core.mjs";
import { blobCreated } from "../../../../support/functions/azure-events.ts";

const logged: string[] = [];
const core = installAzureCore((line) => void logged.push(line));
const handled: { event: unknown; call: PlatformCall }[] = [];
const asked: HttpCall[] = [];

const host = {
  async handle(event: unknown, call: PlatformCall) {
    if (event === "bad") throw new Error("bad");
    call.write({ severity: "warn", message: "seen", fields: { correlationId: "c" } });
    handled.push({ event, call });
  },
};

beforeAll(async () => {
  vi.stubEnv("WEBSITE_AUTH_ENABLED", "");
  vi.stubEnv("GENOPS_QUEUE_COLLECT", "collect");
  const { registerEvents, registerHttp } = await import("../../../../../shared/platforms/azure/functions/app.ts");
  const triggers = {
    schedules: { collect: "0 17 */6 * * *", sweep: "0 41 3 * * *" },
    queue: "GENOPS_QUEUE_COLLECT",
    blobs: true,
  };
  registerEvents("collect", triggers, () => Promise.resolve(host));
  registerEvents("evaluate", { schedules: {}, queue: "GENOPS_QUEUE_EVALUATE" }, () => Promise.resolve(host));
  const routes = {
    "": { route: "{*path}", callers: "signed-in" },
    health: { route: "healthz", callers: "anyone" },
  } as const;
  const answer = async (request: Request, call: HttpCall) => {
    asked.push(call);
    return new Response(`${request.method} ${request.url} ${await request.text()}`, {
      status: 201,
      headers: { "x-a": "b" },
    });
  };
  registerHttp("api", routes, () => Promise.resolve({ handle: answer }));
  vi.stubEnv("WEBSITE_AUTH_ENABLED", "True");
  registerHttp("entra", routes, () => Promise.resolve({ handle: answer }));
});
beforeEach(() => {
  handled.length = 0;
  asked.length = 0;
  logged.length = 0;
});

function bindingsOf(name: string): Record<string, unknown>[] {
  const meta = core.registrations().find((each) => each.name === name);
  return Object.values(meta?.bindings ?? {});
}

describe("an Azure function for events", () => {
  it("has a timer per schedule, tried again twice", () => {
    expect(bindingsOf("collect-collect")).toMatchObject([{ type: "timerTrigger", schedule: "0 17 */6 * * *" }]);
    expect(bindingsOf("collect-sweep")).toMatchObject([{ type: "timerTrigger", schedule: "0 41 3 * * *" }]);
    const [timer] = core.registrations().filter(({ name }) => name === "collect-sweep");
    expect(timer?.retryOptions).toMatchObject({ strategy: "fixedDelay", maxRetryCount: 2 });
  });

  it("listens to the queue that a setting names, by the app's identity", () => {
    const binding = { type: "queueTrigger", queueName: "%GENOPS_QUEUE_COLLECT%", connection: "AzureWebJobsStorage" };
    expect(bindingsOf("collect-queue")).toMatchObject([binding]);
  });

  it("has no trigger for a queue that no setting names: the host would refuse the whole app", () => {
    expect(bindingsOf("evaluate-queue")).toEqual([]);
  });

  it("listens to Event Grid only where it asks for blobs", () => {
    expect(bindingsOf("collect-blob")).toMatchObject([{ type: "eventGridTrigger" }]);
    expect(bindingsOf("evaluate-blob")).toEqual([]);
  });

  it("is told what is due", async () => {
    await core.invoke("collect-sweep", { json: '{"IsPastDue":false}' });
    expect(handled).toMatchObject([{ event: { type: "genops.schedule.due", id: "azure-1", data: { task: "sweep" } } }]);
    expect(handled[0]?.call.deadline.remainingMs()).toBeGreaterThan(590_000);
    expect(handled[0]?.call.deadline.remainingMs()).toBeLessThanOrEqual(600_000);
  });

  it("gets messages as JSON or text, and blobs as exports", async () => {
    await core.invoke("collect-queue", { json: '{"n":1}' });
    await core.invoke("collect-queue", { string: '{"n":2}' });
    await core.invoke("collect-queue", { string: "text" });
    await core.invoke("collect-blob", { json: JSON.stringify(blobCreated("acme", "exports", "a/manifest.json")) });
    expect(handled.map(({ event }) => event)).toMatchObject([
      { n: 1 },
      { n: 2 },
      "text",
      { type: "genops.export.written", data: { location: "azblob://acme/exports/a/manifest.json" } },
    ]);
  });

  it("throws what the host throws: the queue delivers again and keeps what fails five times", async () => {
    await expect(core.invoke("collect-queue", { string: "bad" })).rejects.toThrow("bad");
  });

  it("logs through its context", async () => {
    await core.invoke("collect-queue", { json: "{}" });
    expect(logged).toEqual(['{"message":"seen","correlationId":"c"}']);
  });
});

describe("an Azure function for HTTP", () => {
  const http = (name: string, headers: Readonly<Record<string, string>> = {}) =>
    core.invoke(name, {
      http: {
        method: "POST",
        url: "https://acme.azurewebsites.net/hooks/x?a=1",
        headers,
        query: {},
        body: { string: "é" },
      },
    });

  it("is let in with a function key, or with Entra where App Service signs people in", () => {
    const trigger = { type: "httpTrigger", route: "{*path}", methods: ["GET", "HEAD", "POST", "PUT", "DELETE"] };
    expect(bindingsOf("api")[0]).toMatchObject({ ...trigger, authLevel: "function" });
    expect(bindingsOf("entra")[0]).toMatchObject({ ...trigger, authLevel: "anonymous" });
    expect(bindingsOf("api-health")[0]).toMatchObject({ route: "healthz", authLevel: "anonymous" });
  });

  it("gets and gives what the host sends", async () => {
    const { returnValue } = await http("api", {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    expect(returnValue?.http).toMatchObject({ statusCode: "201", headers: { "x-a": "b" } });
    const body = Buffer.from(returnValue?.http?.body?.base64 ?? "", "base64").toString();
    expect(body).toBe("POST https://acme.azurewebsites.net/hooks/x?a=1 é");
    expect(asked[0]?.traceparent).toMatch(/^00-0af76519/);
  });

  it("knows who is signed in", async () => {
    await http("api");
    await http("api-health");
    await http("entra");
    await http("entra", { "x-ms-client-principal": "e30=" });
    expect(asked.map(({ signedIn }) => signedIn)).toEqual([true, false, false, true]);
  });
});
