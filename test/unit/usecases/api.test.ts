import { describe, expect, it } from "vitest";
import { createApiFunction } from "../../../shared/usecases/api.ts";
import { createHttpHost } from "../../../shared/usecases/host.ts";
import { createTestPlatform } from "../../support/functions/test-platform.ts";

const CONFIG = "lake: file:./lake\nsources: []\nalerts: { azureMonitor: { secret: a-secret-that-is-long } }\n";

async function ask(request: Request, { signedIn = false, config = CONFIG, environment = {} } = {}) {
  const platform = await createTestPlatform(config, environment);
  const host = await createHttpHost(platform, "api", createApiFunction);
  return { response: await host.handle(request, { ...platform.call, signedIn }), platform };
}

const at = (path: string, init?: RequestInit) => new Request(`https://api.example.com${path}`, init);

describe("the API in the clouds", () => {
  it.each(["/healthz", "/health"])("answers %s to everybody, even when nothing else works", async (path) => {
    const broken = { config: "lake: 7\n" };
    const { response } = await ask(at(path), broken);
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
    expect((await ask(at(path, { method: "HEAD" }), broken)).response.status).toBe(200);
    expect((await ask(at(path, { method: "POST" }), broken)).response.status).toBe(405);
  });

  it("lets in whom the platform has signed in, under any name, and nobody else", async () => {
    const { response } = await ask(at("/api/v1/findings"), { signedIn: true });
    expect([response.status, await response.json()]).toEqual([200, { findings: [] }]);
    const refused = (await ask(at("/api/v1/findings"))).response;
    expect([refused.status, refused.headers.get("x-content-type-options")]).toEqual([401, "nosniff"]);
    expect((await ask(at("/"))).response.status).toBe(401);
  });

  it("still refuses changes that another site's page asks for", async () => {
    const init = { method: "POST", headers: { origin: "https://evil.example", "if-match": '"1"' } };
    expect((await ask(at("/api/v1/findings/x/ack", init), { signedIn: true })).response.status).toBe(403);
  });

  const hook = (secret: string) =>
    at(`/hooks/azure-monitor?secret=${secret}`, {
      method: "POST",
      body: '{"schemaId":"unknown"}',
      headers: { "content-type": "application/json" },
    });

  it("lets hooks look after themselves, and hands what they verified to the function that listens", async () => {
    const environment = { GENOPS_QUEUE_ALERTS: "alerts" };
    const { response, platform } = await ask(hook("a-secret-that-is-long"), { environment });
    expect(response.status).toBeLessThan(300);
    expect(platform.sent).toMatchObject([{ queue: "alerts" }]);
    expect(JSON.parse(platform.sent[0]?.body ?? "")).toMatchObject({
      type: "genops.alert.received",
      correlationid: "call-1",
    });
    expect((await ask(hook("wrong"), { environment })).response.status).toBe(403);
  });

  it("handles what hooks verified at once where no function listens", async () => {
    const { response, platform } = await ask(hook("a-secret-that-is-long"));
    expect(response.status).toBeLessThan(300);
    expect(platform.sent).toEqual([]);
  });
});
