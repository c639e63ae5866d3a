import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCostQueryApi } from "../../../../shared/platforms/azure/cost-query.ts";
import type { CostQueryRequest } from "../../../../shared/ports/billing-apis.ts";
import { type AzureFault, type CostQueryStub, createCostQueryStub } from "../../../support/cost-query-stub.ts";

const SCOPE = "subscriptions/00000000-0000-0000-0000-000000000001";
const REQUEST: CostQueryRequest = {
  type: "ActualCost",
  from: "2024-09-01",
  to: "2024-09-30",
  groupBy: [
    { type: "Dimension", name: "ServiceName" },
    { type: "TagKey", name: "team" },
  ],
  where: [],
};

let stub: CostQueryStub;

beforeEach(async () => {
  stub = await createCostQueryStub([
    {
      day: "2024-09-01",
      keys: { ServiceName: "Cognitive Services", "TAG:team": "ml" },
      actual: 18.4417,
      amortized: 18.4417,
    },
    { day: "2024-09-02", keys: { ServiceName: "Storage" }, actual: 0.000001, amortized: 0, currency: "EUR" },
  ]);
});

afterEach(() => stub.close());

describe("a query of Azure's costs", () => {
  it("is the wire's own: custom days with the last one included, one token, a bucket of requests for GenOps alone", async () => {
    await stub.api().query(SCOPE, REQUEST);
    const [asked] = stub.requests;
    expect(asked?.url).toBe(`/${SCOPE}/providers/Microsoft.CostManagement/query?api-version=2022-10-01`);
    expect(asked?.headers).toMatchObject({ clienttype: "GenOps", authorization: "Bearer token-1" });
    expect(asked?.body).toEqual({
      type: "ActualCost",
      timeframe: "Custom",
      timePeriod: { from: "2024-09-01T00:00:00.000Z", to: "2024-09-30T23:59:59.000Z" },
      dataset: {
        granularity: "Daily",
        aggregation: { totalCost: { name: "Cost", function: "Sum" } },
        grouping: [
          { type: "Dimension", name: "ServiceName" },
          { type: "TagKey", name: "team" },
        ],
      },
    });
    expect(stub.tokenScopes).toEqual([`${stub.url}/.default`]);
  });

  it("joins conditions with `and` only where there are two", async () => {
    const where = [
      { type: "Dimension" as const, name: "ChargeType", value: "Usage" },
      { type: "TagKey" as const, name: "env", value: "prod" },
    ];
    const api = stub.api();
    await api.query(SCOPE, { ...REQUEST, where: where.slice(0, 1) });
    await api.query(SCOPE, { ...REQUEST, where });
    const conditions = [
      { dimensions: { name: "ChargeType", operator: "In", values: ["Usage"] } },
      { tags: { name: "env", operator: "In", values: ["prod"] } },
    ];
    expect(stub.requests.map(({ body }) => body.dataset.filter)).toEqual([conditions[0], { and: conditions }]);
  });

  it("reads columns and rows as they come", async () => {
    expect(await stub.api().query(SCOPE, REQUEST)).toEqual({
      outcome: "page",
      page: {
        columns: ["Cost", "UsageDate", "ServiceName", "TagKey", "TagValue", "Currency"].map((name, index) => ({
          name,
          type: index < 2 ? "Number" : "String",
        })),
        rows: [
          [18.4417, 20240901, "Cognitive Services", "team", "ml", "USD"],
          [0.000001, 20240902, "Storage", "team", "", "EUR"],
        ],
      },
    });
  });

  it("posts the same body to nextLink, which the SDK itself cannot follow", async () => {
    stub.pageSize = 1;
    const api = stub.api();
    const first = await api.query(SCOPE, REQUEST);
    const nextLink = first.outcome === "page" ? first.page.nextLink : undefined;
    expect(nextLink).toContain("$skiptoken=1");
    const second = await api.query(SCOPE, REQUEST, nextLink);
    expect(second).toMatchObject({
      outcome: "page",
      page: { rows: [[0.000001, 20240902, "Storage", "team", "", "EUR"]] },
    });
    expect(second).not.toHaveProperty("page.nextLink");
    const [one, two] = stub.requests;
    expect(two?.body).toEqual(one?.body);
    expect(two?.url).toContain("&$skiptoken=1");
    expect(two?.headers).toMatchObject({ clienttype: "GenOps", authorization: "Bearer token-1" });
    expect(Object.keys(two?.headers ?? {})).not.toContain("x-genops-next-link");
  });

  it("does not carry its token to another host", async () => {
    await expect(stub.api().query(SCOPE, REQUEST, "https://example.com/query?$skiptoken=1")).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("(source azure-q)"),
    });
    await expect(stub.api().query(SCOPE, REQUEST, "nonsense")).rejects.toMatchObject({ code: "refused" });
    expect(stub.requests).toEqual([]);
  });

  it.each<[AzureFault]>([[{ status: 204 }], [{ body: {} }], [{ body: { properties: { nextLink: null } } }]])(
    "is empty after %j",
    async (fault) => {
      stub.faults = [fault];
      expect(await stub.api().query(SCOPE, REQUEST)).toEqual({ outcome: "empty" });
    },
  );

  it("takes an answer without rows for one with none", async () => {
    stub.faults = [{ body: { properties: { columns: [{ name: "Cost" }, {}] } } }];
    expect(await stub.api().query(SCOPE, REQUEST)).toEqual({
      outcome: "page",
      page: {
        columns: [
          { name: "Cost", type: "" },
          { name: "", type: "" },
        ],
        rows: [],
      },
    });
  });
});

const PREFIX = "x-ms-ratelimit-microsoft.costmanagement-";

/** `reference/clouds.md` §2.1: all four budgets, older names, and the standard's. */
const PAUSES: readonly (readonly [number, Record<string, string>, number | undefined])[] = [
  [429, {}, undefined],
  [429, { "retry-after": "7" }, 7_000],
  [429, { [`${PREFIX}qpu-retry-after`]: "11", [`${PREFIX}entity-retry-after`]: "31" }, 31_000],
  [429, { [`${PREFIX}tenant-retry-after`]: "5", [`${PREFIX}client-retry-after`]: "60", "retry-after": "2" }, 60_000],
  [429, { "x-ms-ratelimit-microsoft.consumption-retry-after": "13" }, 13_000],
  [429, { "x-ms-ratelimit-microsoft.something-of-2027-retry-after": "17" }, 17_000],
  [429, { "retry-after-ms": "1500" }, 1_500],
  [429, { "retry-after": "Sun, 01 Sep 2024 00:00:30 GMT", date: "Sun, 01 Sep 2024 00:00:00 GMT" }, 30_000],
  [429, { "retry-after": "soon" }, undefined],
  [503, { "retry-after": "9" }, 9_000],
  [503, {}, undefined],
  [500, {}, undefined],
  [504, {}, undefined],
  [408, {}, undefined],
];

describe("what passes", () => {
  it.each(PAUSES)(
    "is %i with %j: a pause of %s ms, and the SDK does not ask again by itself",
    async (status, headers, afterMs) => {
      stub.faults = [{ status, headers }];
      const answered = await stub.api().query(SCOPE, REQUEST);
      expect(answered).toMatchObject({ outcome: "later", reason: expect.stringContaining(String(status)) });
      expect(answered.outcome === "later" ? answered.afterMs : 0).toBe(afterMs);
      expect(stub.requests).toHaveLength(1);
    },
  );

  it.each(["dropped", "truncated"] as const)("is an answer that was %s", async (fault) => {
    stub.faults = [fault];
    expect(await stub.api().query(SCOPE, REQUEST)).toMatchObject({ outcome: "later" });
    expect(stub.requests).toHaveLength(1);
  });

  it("is a token that has expired before its time: a new one is fetched, once", async () => {
    const api = stub.api();
    await api.query(SCOPE, REQUEST);
    stub.expired.add("token-1");
    expect(await api.query(SCOPE, REQUEST)).toMatchObject({ outcome: "page" });
    expect(stub.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer token-1",
      "Bearer token-1",
      "Bearer token-2",
    ]);
    for (const token of ["token-2", "token-3"]) stub.expired.add(token);
    await expect(api.query(SCOPE, REQUEST)).rejects.toMatchObject({ code: "config" });
    expect(stub.requests).toHaveLength(5);
  });
});

describe("what does not pass", () => {
  it.each([
    [{ status: 400, code: "BadRequest" }, /refuses the query of subscriptions\/.*scope and groupBy .*BadRequest/],
    [
      { status: 403, code: "RBACAccessDenied" },
      /Microsoft.CostManagement\/query\/action is missing.*Cost Management Reader on subscriptions/,
    ],
    [
      { status: 404, code: "BillingSubscriptionNotFound" },
      /there is no scope subscriptions\/.*source azure-q, field scope/,
    ],
  ])("is %j, and says what to do", async (fault, message) => {
    stub.faults = [fault];
    await expect(stub.api().query(SCOPE, REQUEST)).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(message),
    });
    expect(stub.requests).toHaveLength(1);
  });

  it("tells no token, whoever prints the error", async () => {
    stub.faults = [{ status: 403 }];
    const error: unknown = await stub
      .api()
      .query(SCOPE, REQUEST)
      .catch((each: unknown) => each);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("token-1");
  });

  it("is a sign-in that fails, in its own words", async () => {
    const tokens = { getToken: () => Promise.reject(new Error("no managed identity here")) };
    const api = createCostQueryApi({ source: "azure-q", endpoint: stub.url, tokens });
    await expect(api.query(SCOPE, REQUEST)).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("no token for Azure: no managed identity here"),
    });
  });

  it("is looked for where GENOPS_AZURE_MANAGEMENT_ENDPOINT leads", async () => {
    vi.stubEnv("GENOPS_AZURE_MANAGEMENT_ENDPOINT", "https://management.example");
    const asked: string[] = [];
    const tokens = {
      getToken(scope: string | string[]) {
        asked.push(String(scope));
        return Promise.reject(new Error("enough"));
      },
    };
    await expect(createCostQueryApi({ source: "q", tokens }).query(SCOPE, REQUEST)).rejects.toThrow("enough");
    expect(asked).toEqual(["https://management.example/.default"]);
  });
});
