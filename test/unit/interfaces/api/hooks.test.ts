import { describe, expect, it } from "vitest";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import { createApi } from "../../../../shared/interfaces/api/api.ts";
import type { ApiDeps } from "../../../../shared/interfaces/api/deps.ts";
import { isHookPath } from "../../../../shared/interfaces/api/hook-routes.ts";
import { openApiDocument } from "../../../../shared/interfaces/api/openapi.ts";
import type { Hook, HookAnswer, HookRequest, Hooks } from "../../../../shared/interfaces/hooks/types.ts";
import { noHooks } from "../../../support/no-hooks.ts";
import { noPlans } from "../../../support/no-plans.ts";

/** In the clouds the API has names of its own. */
const BASE = "https://api.example.com";

function setUp(answer: HookAnswer | Error = { status: "accepted", detail: "Thank you." }, hook: keyof Hooks = "sns") {
  const asked: HookRequest[] = [];
  const errors: unknown[] = [];
  const unused = () => Promise.reject(new Error("not asked"));
  const playing: Hook = async (request) => {
    asked.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const deps: ApiDeps = {
    report: unused,
    budgets: unused,
    findings: unused,
    changeFinding: unused,
    homeModel: unused,
    hooks: { ...noHooks(), [hook]: playing },
    plans: noPlans(),
  };
  const api = createApi(deps, { onError: (error) => errors.push(error) });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    api(new Request(`${BASE}${path}`, { method: "POST", body, headers }));
  return { api, post, asked, errors };
}

describe("the hooks of the API", () => {
  it("take text of any content type, from any origin and under any name, with query and headers", async () => {
    const { post, asked } = setUp({ status: "accepted", detail: "Thank you." }, "azureMonitor");
    const headers = { "content-type": "text/plain; charset=UTF-8", origin: "https://elsewhere.example", "x-more": "1" };
    const response = await post("/hooks/azure-monitor?secret=s&more=x", '{"a":1}', headers);
    expect([response.status, await response.json()]).toEqual([200, { status: "accepted", detail: "Thank you." }]);
    expect(asked.map(({ body, query, headers: given }) => [body, query, given.get("x-more")])).toEqual([
      ['{"a":1}', { secret: "s", more: "x" }, "1"],
    ]);
  });

  it.each([
    [{ status: "repeated", detail: "known" }, 200, "known"],
    [{ status: "confirmed", detail: "done" }, 200, "done"],
    [{ status: "malformed", detail: "not an SNS message" }, 400, "not an SNS message"],
    [{ status: "unconfigured", detail: "Set alerts.sns.topics" }, 404, "Set alerts.sns.topics"],
  ] as const)("answer %j with %i", async (answer, status, detail) => {
    const response = await setUp(answer).post("/hooks/sns", "{}");
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ detail });
  });

  it("answer Slack with nothing, and only Slack", async () => {
    const { post } = setUp({ status: "accepted", detail: "Thank you." }, "slack");
    const response = await post("/hooks/slack", "payload=%7B%7D", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  it("tell a stranger nothing about why", async () => {
    const response = await setUp({ status: "refused", detail: "the signature is wrong" }).post("/hooks/sns", "{}");
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain("signature");
  });

  it("ask to be called again when a sender's keys cannot be had", async () => {
    const { post, errors } = setUp(new GenOpsError("unavailable", "the certificate cannot be fetched"));
    expect((await post("/hooks/sns", "{}")).status).toBe(503);
    expect(errors).toHaveLength(1);
  });

  it("refuse endless bodies and repeated parameters", async () => {
    const { post, asked } = setUp();
    expect((await post("/hooks/sns", "x".repeat(1024 * 1024 + 1))).status).toBe(413);
    expect((await post("/hooks/sns?a=1&a=2", "{}")).status).toBe(400);
    expect(asked).toEqual([]);
    expect((await post("/hooks/sns", "x".repeat(1024 * 1024))).status).toBe(200);
  });

  it("know only POST, and only the exact paths", async () => {
    const { api, post } = setUp();
    const read = await api(new Request(`${BASE}/hooks/sns`));
    expect([read.status, read.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await post("/hooks/sns/", "{}")).status).toBe(421);
    expect(["/hooks/sns", "/hooks/azure-monitor", "/hooks/pubsub", "/hooks/slack"].every(isHookPath)).toBe(true);
    expect(["/hooks", "/hooks/slack/x", "/hooks/sns/x", "/api/v1/costs"].some(isHookPath)).toBe(false);
  });

  it("leave the rest of the API guarded", async () => {
    expect((await setUp().api(new Request(`${BASE}/api/v1/budgets`))).status).toBe(421);
  });

  it("are described without If-Match and with their own content type", () => {
    const { paths } = openApiDocument() as { paths: Record<string, { post: Record<string, unknown> }> };
    const sns = paths["/hooks/sns"]?.post;
    expect(Object.keys(sns?.["requestBody"] as object)).toEqual(["content"]);
    expect(sns).toMatchObject({ requestBody: { content: { "text/plain": { schema: { type: "string" } } } } });
    expect(sns?.["parameters"]).toBeUndefined();
    const azure = paths["/hooks/azure-monitor"]?.post["parameters"] as { name: string; required: boolean }[];
    expect(azure.map(({ name, required }) => [name, required])).toEqual([["secret", false]]);
    expect(Object.keys(sns?.["responses"] as object)).toEqual(["200", "400", "403", "404", "413", "503"]);
  });
});
