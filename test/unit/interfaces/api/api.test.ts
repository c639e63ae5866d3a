import { describe, expect, it } from "vitest";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import { createApi } from "../../../../shared/interfaces/api/api.ts";
import type { ApiDeps, CostQuery, FindingChange } from "../../../../shared/interfaces/api/deps.ts";
import type { FindingItem, ReportDocument } from "../../../../shared/interfaces/api/documents.ts";
import { homeModel } from "../../../browser/fixtures/home-model.ts";
import { noHooks } from "../../../support/no-hooks.ts";
import { noPlans } from "../../../support/no-plans.ts";

const BASE = "http://localhost:4680";

function setUp(overrides: Partial<ApiDeps> = {}) {
  const asked: CostQuery[] = [];
  const changed: { key: string; change: FindingChange }[] = [];
  const errors: unknown[] = [];
  const findings = homeModel().findings.map((finding) => ({ ...finding, revision: 3 }));
  const deps: ApiDeps = {
    report: async (query) => {
      asked.push(query);
      return report(query);
    },
    budgets: async () => ({ budgets: [...homeModel().budgets] }),
    findings: async () => ({ findings }),
    changeFinding: async (key, change) => {
      changed.push({ key, change });
      return { ...(findings.find((each) => each.key === key) as FindingItem), state: "acknowledged", revision: 4 };
    },
    homeModel: async () => homeModel(),
    hooks: noHooks(),
    plans: noPlans(),
    ...overrides,
  };
  const api = createApi(deps, { onError: (error) => errors.push(error) });
  const get = (path: string, headers: Record<string, string> = {}) => api(new Request(`${BASE}${path}`, { headers }));
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    api(
      new Request(`${BASE}${path}`, {
        method: "POST",
        headers: { "if-match": '"3"', "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  return { api, get, post, asked, changed, errors };
}

function report(query: CostQuery): ReportDocument {
  return {
    period: { start: "2024-09-01", end: "2024-10-01" },
    asOf: "2024-09-30T12:00:00Z",
    cost: query.cost,
    by: [...query.by],
    rows: [
      {
        keys: { provider: "aws" },
        currency: "USD",
        amount: "12585.29",
        settled: "12000",
        expected: "12600",
        completeness: "0.9988",
      },
    ],
    totals: [{ currency: "USD", amount: "12585.29" }],
  };
}

describe("the API", () => {
  it("serves the page under a policy that allows no script", async () => {
    const response = await setUp().get("/");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; style-src 'sha256-");
    expect(await response.text()).toContain("<!doctype html>");
  });

  it("passes a cost query on and answers with the report", async () => {
    const { get, asked } = setUp();
    const response = await get(
      "/api/v1/costs?by=provider,charge_category&period=2024-09&cost=effective&asOf=2024-09-20T00:00:00Z",
    );
    expect(asked).toEqual([
      { by: ["provider", "charge_category"], period: "2024-09", cost: "effective", asOf: "2024-09-20T00:00:00Z" },
    ]);
    expect(await response.json()).toMatchObject({
      cost: "effective",
      totals: [{ currency: "USD", amount: "12585.29" }],
    });
  });

  it("asks for billed cost by provider when nothing is said", async () => {
    const { get, asked } = setUp();
    await get("/api/v1/costs");
    expect(asked).toEqual([{ by: ["provider"], cost: "billed" }]);
  });

  it.each([
    ["/api/v1/costs?by=Provider;drop", "by"],
    ["/api/v1/costs?cost=cheap", "cost"],
    ["/api/v1/costs?asOf=yesterday", "asOf"],
    ["/api/v1/costs?by=team&by=project", "by"],
    ["/api/v1/findings?limit=0", "limit"],
    ["/api/v1/findings?cursor=%7B%7D", "cursor"],
    ["/api/v1/findings?cursor=e30", "cursor"],
  ])("refuses %s and names the parameter", async (path, field) => {
    const response = await setUp().get(path);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status: 400, code: "usage", place: { field } });
  });

  it("refuses a parameter it does not know", async () => {
    const response = await setUp().get("/api/v1/budgets?limit=3");
    expect(response.status).toBe(400);
    expect((await response.json()) as unknown).toMatchObject({ detail: expect.stringContaining("limit") as string });
  });

  it("answers 304 to a caller that has the same representation", async () => {
    const { get } = setUp();
    const first = await get("/api/v1/budgets");
    const tag = first.headers.get("etag") ?? "";
    const second = await get("/api/v1/budgets", { "if-none-match": `W/${tag}` });
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    expect(second.status).toBe(304);
    expect(await second.text()).toBe("");
  });

  it("answers HEAD like GET without the body", async () => {
    const { api } = setUp();
    const response = await api(new Request(`${BASE}/api/v1/budgets`, { method: "HEAD" }));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    const missing = await api(new Request(`${BASE}/nope`, { method: "HEAD" }));
    expect([missing.status, await missing.text()]).toEqual([404, ""]);
  });

  it.each(["/healthz", "/health", "/readyz"])("answers %s", async (path) => {
    expect((await setUp().get(path)).status).toBe(200);
  });

  it("is not ready while the ledger cannot be read", async () => {
    const { get, errors } = setUp({
      findings: () => Promise.reject(new GenOpsError("unavailable", "the store does not answer")),
    });
    const response = await get("/readyz");
    expect(response.status).toBe(503);
    expect(errors).toHaveLength(1);
  });

  it.each([
    ["usage", 400],
    ["config", 500],
    ["refused", 422],
    ["conflict", 409],
    ["unavailable", 503],
    ["internal", 500],
  ] as const)("turns a %s error into %i with its words and place", async (code, status) => {
    const { get } = setUp({
      report: () => Promise.reject(new GenOpsError(code, "no", { place: { file: "a.csv", row: 3 } })),
    });
    const response = await get("/api/v1/costs");
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      status,
      code,
      detail: "no (file a.csv, row 3)",
      place: { file: "a.csv", row: 3 },
    });
  });

  it("keeps the text of an unexpected failure to itself and its log", async () => {
    const { get, errors } = setUp({ budgets: () => Promise.reject(new Error("secret path")) });
    const response = await get("/api/v1/budgets");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect(errors).toEqual([new Error("secret path")]);
  });

  it("answers 404 and 405 as problems", async () => {
    const { get, post } = setUp();
    expect((await get("/nope")).status).toBe(404);
    const response = await post("/api/v1/budgets", {});
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });

  it("puts security headers on every answer", async () => {
    const { get } = setUp();
    for (const path of ["/", "/api/v1/budgets", "/nope"]) {
      const { headers } = await get(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });
});

describe("the API's guard", () => {
  it.each(["http://evil.example/", "http://localhost.evil.example/", "http://192.168.1.7:4680/"])(
    "does not answer to %s",
    async (url) => {
      expect((await setUp().api(new Request(url))).status).toBe(421);
    },
  );

  it.each(["http://127.0.0.1:4680/healthz", "http://[::1]:4680/healthz", "http://LOCALHOST/healthz"])(
    "answers to %s",
    async (url) => {
      expect((await setUp().api(new Request(url))).status).toBe(200);
    },
  );

  it.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:9999" },
    { "sec-fetch-site": "cross-site" },
  ])("refuses a change with %j", async (headers) => {
    const { post, changed } = setUp();
    expect((await post("/api/v1/findings/a/ack", {}, headers)).status).toBe(403);
    expect(changed).toEqual([]);
  });

  it("lets a change from its own origin pass", async () => {
    const { post } = setUp();
    expect((await post("/api/v1/findings/a/ack", {}, { origin: BASE, "sec-fetch-site": "same-origin" })).status).toBe(
      200,
    );
  });

  it("refuses a body that a form could have sent", async () => {
    expect((await setUp().post("/api/v1/findings/a/ack", {}, { "content-type": "text/plain" })).status).toBe(415);
    expect((await setUp().post("/api/v1/findings/a/ack", { reason: "x".repeat(1024 * 1024) })).status).toBe(413);
  });
});

describe("findings over HTTP", () => {
  it("pages through every finding once, the newest first, also when one opens in between", async () => {
    const base = homeModel().findings[0] as FindingItem;
    const make = (index: number) => ({
      ...base,
      key: `k${index}`,
      openedAt: `2024-09-${String(10 + (index >> 1)).padStart(2, "0")}T00:00:00Z`,
    });
    const findings = Array.from({ length: 7 }, (_, index) => make(index));
    const { get } = setUp({ findings: async () => ({ findings }) });
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const response = await get(`/api/v1/findings?limit=2${next === undefined ? "" : `&cursor=${next}`}`);
      const page = (await response.json()) as { findings: FindingItem[]; next?: string };
      seen.push(...page.findings.map(({ key }) => key));
      next = page.next;
      if (seen.length === 2) findings.push(make(99));
    } while (next !== undefined);
    expect(seen).toEqual(["k6", "k4", "k5", "k2", "k3", "k0", "k1"]);
  });

  it("filters by state and level", async () => {
    const response = await setUp().get("/api/v1/findings?state=open&level=critical");
    const page = (await response.json()) as { findings: FindingItem[] };
    expect(page.findings.map(({ key }) => key)).toEqual(["b", "c"]);
  });

  it("shows one finding with its revision as ETag", async () => {
    const { get } = setUp();
    expect((await get("/api/v1/findings/a")).headers.get("etag")).toBe('"3"');
    expect((await get("/api/v1/findings/missing")).status).toBe(404);
    expect((await get("/api/v1/findings/%E0%A4%A")).status).toBe(400);
  });

  it("passes acknowledging, snoozing and resolving on with the revision", async () => {
    const { post, changed } = setUp();
    await post("/api/v1/findings/a/ack");
    await post("/api/v1/findings/b/snooze", { actor: "ops@example.com", until: "2024-10-02T00:00:00Z" });
    const response = await post(
      "/api/v1/findings/c/resolve",
      { resolution: "expected load test" },
      { "if-match": "*" },
    );
    expect(response.headers.get("etag")).toBe('"4"');
    expect(changed).toEqual([
      { key: "a", change: { action: "ack", actor: "local", revision: 3 } },
      { key: "b", change: { action: "snooze", actor: "ops@example.com", until: "2024-10-02T00:00:00Z", revision: 3 } },
      { key: "c", change: { action: "resolve", actor: "local", resolution: "expected load test", revision: 3 } },
    ]);
  });

  it("passes what a person says about an anomaly on", async () => {
    const { post, changed } = setUp();
    const plan = { actor: "ada", kind: "planned", from: "2024-09-18", to: "2024-09-25", note: "load test" };
    await post("/api/v1/findings/a/feedback", plan);
    await post("/api/v1/findings/b/feedback", { kind: "wrong" });
    expect(changed).toEqual([
      { key: "a", change: { ...plan, action: "feedback", revision: 3 } },
      { key: "b", change: { action: "feedback", actor: "local", kind: "wrong", revision: 3 } },
    ]);
    expect((await post("/api/v1/findings/a/feedback", { kind: "odd" })).status).toBe(400);
    expect((await post("/api/v1/findings/a/feedback", { kind: "planned", to: "soon" })).status).toBe(400);
  });

  it("answers 412 to an old revision, also when another change wins the race", async () => {
    const { post, changed } = setUp();
    expect((await post("/api/v1/findings/a/ack", {}, { "if-match": '"2"' })).status).toBe(412);
    expect((await post("/api/v1/findings/a/ack", {}, { "if-match": 'W/"3"' })).status).toBe(412);
    expect(changed).toEqual([]);
    const late = setUp({ changeFinding: () => Promise.reject(new GenOpsError("conflict", "changed")) });
    expect((await late.post("/api/v1/findings/a/ack")).status).toBe(412);
  });

  it("requires If-Match, an existing finding and a valid body", async () => {
    const { api, post } = setUp();
    expect((await api(new Request(`${BASE}/api/v1/findings/a/ack`, { method: "POST" }))).status).toBe(428);
    expect((await post("/api/v1/findings/missing/ack")).status).toBe(404);
    expect((await post("/api/v1/findings/a/snooze", { until: "tomorrow" })).status).toBe(400);
    expect((await post("/api/v1/findings/a/ack", { level: "info" })).status).toBe(400);
  });

  it("passes a failure of the change on", async () => {
    const { post } = setUp({ changeFinding: () => Promise.reject(new GenOpsError("unavailable", "store")) });
    expect((await post("/api/v1/findings/a/ack")).status).toBe(503);
  });

  it("refuses a body that is not JSON", async () => {
    const { api } = setUp();
    const request = new Request(`${BASE}/api/v1/findings/a/ack`, {
      method: "POST",
      headers: { "if-match": '"3"', "content-type": "application/json; charset=utf-8" },
      body: "{",
    });
    expect((await api(request)).status).toBe(400);
  });
});

describe("the OpenAPI document", () => {
  it("describes every route with its parameters and problems", async () => {
    const response = await setUp().get("/api/v1/openapi.json");
    const document = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, Operation>>;
      components: unknown;
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual([
      "/",
      "/api/v1/costs",
      "/api/v1/budgets",
      "/api/v1/findings",
      "/api/v1/findings/{key}",
      "/api/v1/findings/{key}/ack",
      "/api/v1/findings/{key}/snooze",
      "/api/v1/findings/{key}/resolve",
      "/api/v1/findings/{key}/feedback",
      "/healthz",
      "/health",
      "/readyz",
      "/api/v1/enforcement/plans",
      "/api/v1/enforcement/plans/{hash}",
      "/api/v1/enforcement/plans/{hash}/approve",
      "/api/v1/enforcement/plans/{hash}/reject",
      "/api/v1/enforcement/plans/{hash}/snooze",
      "/api/v1/enforcement/plans/{hash}/exempt",
      "/hooks/sns",
      "/hooks/azure-monitor",
      "/hooks/pubsub",
      "/hooks/slack",
    ]);
    const approve = document.paths["/api/v1/enforcement/plans/{hash}/approve"]?.["post"];
    expect(approve).toMatchObject({ security: [{ person: [] }], parameters: [{ name: "hash" }] });
    expect(Object.keys(approve?.responses ?? {})).toEqual(["200", "400", "401", "403", "404", "413", "415", "503"]);
    const costs = document.paths["/api/v1/costs"]?.["get"];
    expect(costs?.parameters?.map(({ name }) => name)).toEqual(["by", "period", "cost", "asOf"]);
    const ack = document.paths["/api/v1/findings/{key}/ack"]?.["post"];
    expect(ack?.parameters?.map(({ name, required }) => [name, required])).toEqual([
      ["key", true],
      ["If-Match", true],
    ]);
    expect(Object.keys(ack?.responses ?? {})).toEqual(["200", "400", "403", "404", "412", "413", "415", "428", "503"]);
    expect(ack?.responses["200"]).toMatchObject({
      content: { "application/json": { schema: { $ref: "#/components/schemas/Finding" } } },
    });
  });

  it("has an answer of the described shape to what the route serves", async () => {
    const { get } = setUp();
    const document = (await (await get("/api/v1/openapi.json")).json()) as {
      components: { schemas: Record<string, { required?: string[] }> };
    };
    const { budgets } = (await (await get("/api/v1/budgets")).json()) as { budgets: Record<string, unknown>[] };
    expect(document.components.schemas["Budget"]?.required?.filter((name) => !(name in (budgets[0] ?? {})))).toEqual(
      [],
    );
  });
});

interface Operation {
  parameters?: { name: string; required: boolean }[];
  responses: Record<string, unknown>;
}
