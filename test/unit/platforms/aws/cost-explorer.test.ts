import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCostExplorerApi } from "../../../../shared/platforms/aws/cost-explorer.ts";
import type { CostAndUsageRequest } from "../../../../shared/ports/billing-apis.ts";
import { type CeFault, type CeStub, createCostExplorerStub } from "../../../support/cost-explorer-stub.ts";
import { serveHttp } from "../../../support/servers/http-server.ts";

const REQUEST: CostAndUsageRequest = {
  timePeriod: { start: "2024-09-01", end: "2024-09-03" },
  granularity: "DAILY",
  metrics: ["UnblendedCost"],
  groupBy: [
    { type: "DIMENSION", key: "SERVICE" },
    { type: "TAG", key: "team" },
  ],
  where: [],
};

let stub: CeStub;

beforeEach(async () => {
  stub = await createCostExplorerStub([
    {
      day: "2024-09-01",
      keys: { SERVICE: "Amazon Bedrock", "TAG:team": "ml" },
      costs: { UnblendedCost: "41.0392817000" },
    },
    { day: "2024-09-02", keys: { SERVICE: "AWS Lambda" }, costs: { UnblendedCost: "0.0000000001" } },
  ]);
});

afterEach(() => stub.close());

describe("a request to Cost Explorer", () => {
  it("is the wire's own, signed for us-east-1 wherever it comes from", async () => {
    await stub.api().getCostAndUsage({
      ...REQUEST,
      where: [
        { type: "DIMENSION", key: "RECORD_TYPE", value: "Credit" },
        { type: "TAG", key: "env", value: null },
        { type: "COST_CATEGORY", key: "Unit", value: "R & D" },
      ],
    });
    expect(stub.requests).toEqual([
      {
        TimePeriod: { Start: "2024-09-01", End: "2024-09-03" },
        Granularity: "DAILY",
        Metrics: ["UnblendedCost"],
        GroupBy: [
          { Type: "DIMENSION", Key: "SERVICE" },
          { Type: "TAG", Key: "team" },
        ],
        Filter: {
          And: [
            { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit"], MatchOptions: ["EQUALS"] } },
            { Tags: { Key: "env", MatchOptions: ["ABSENT"] } },
            { CostCategories: { Key: "Unit", Values: ["R & D"], MatchOptions: ["EQUALS"] } },
          ],
        },
      },
    ]);
    expect(stub.headers[0]).toMatchObject({
      "x-amz-target": "AWSInsightsIndexService.GetCostAndUsage",
      "content-type": "application/x-amz-json-1.1",
      authorization: expect.stringMatching(/\/us-east-1\/ce\/aws4_request/),
    });
  });

  it("writes a single condition without And, and no filter for none", async () => {
    const api = stub.api();
    await api.getCostAndUsage({ ...REQUEST, where: [{ type: "TAG", key: "env", value: "prod" }] });
    await api.getCostAndUsage({ ...REQUEST, groupBy: [] });
    expect(stub.requests.map(({ Filter, GroupBy }) => [Filter, GroupBy?.length])).toEqual([
      [{ Tags: { Key: "env", Values: ["prod"], MatchOptions: ["EQUALS"] } }, 2],
      [undefined, undefined],
    ]);
  });

  it("goes where AWS_ENDPOINT_URL_COST_EXPLORER leads, with the SDK's own credentials", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_COST_EXPLORER", stub.url);
    vi.stubEnv("AWS_ENDPOINT_URL_STS", stub.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const api = createCostExplorerApi({ source: "ce" });
    expect(await api.getCostAndUsage(REQUEST)).toMatchObject({ outcome: "page" });
    expect(await api.accountId()).toBe("012345678901");
    const before = stub.requests.length;
    stub.faults = ["lost"];
    expect(await api.getCostAndUsage(REQUEST)).toMatchObject({ outcome: "lost" });
    expect(stub.requests.length - before).toBe(1);
  });

  it("takes the credentials it is given", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_COST_EXPLORER", stub.url);
    const credentials = async () => ({ accessKeyId: "AKIAOTHER", secretAccessKey: "s" });
    await createCostExplorerApi({ source: "ce", credentials }).getCostAndUsage(REQUEST);
    expect(String(stub.headers[0]?.["authorization"])).toContain("Credential=AKIAOTHER/");
  });
});

describe("an answer of Cost Explorer", () => {
  it("keeps amounts as they are written, and the token of the next page", async () => {
    stub.pageSize = 1;
    const api = stub.api();
    const first = await api.getCostAndUsage(REQUEST);
    expect(first).toMatchObject({
      outcome: "page",
      page: {
        nextPageToken: expect.any(String),
        resultsByTime: [
          {
            Groups: [
              {
                Keys: ["Amazon Bedrock", "team$ml"],
                Metrics: { UnblendedCost: { Amount: "41.0392817", Unit: "USD" } },
              },
            ],
          },
          {},
        ],
      },
    });
    const token = first.outcome === "page" ? first.page.nextPageToken : undefined;
    const second = await api.getCostAndUsage({ ...REQUEST, ...(token === undefined ? {} : { nextPageToken: token }) });
    expect(second).toMatchObject({ outcome: "page" });
    expect(second.outcome === "page" ? second.page.nextPageToken : "").toBeUndefined();
  });

  it("has no next page where the token is null", async () => {
    stub.faults = [{ body: { ResultsByTime: [], NextPageToken: null } }];
    expect(await stub.api().getCostAndUsage(REQUEST)).toEqual({
      outcome: "page",
      page: { resultsByTime: [], dimensionValueAttributes: [] },
    });
  });
});

/** `reference/clouds.md` §1.1. */
const OUTCOMES: readonly (readonly [CeFault, string])[] = [
  [{ error: "LimitExceededException" }, "throttled"],
  [{ error: "ThrottlingException" }, "throttled"],
  [{ error: "TooMany", status: 429 }, "throttled"],
  [{ error: "InternalServerError", status: 500 }, "throttled"],
  [{ error: "ServiceUnavailable", status: 503 }, "throttled"],
  [{ error: "DataUnavailableException" }, "no-data"],
  [{ error: "RequestChangedException" }, "restart"],
  [{ error: "InvalidNextTokenException" }, "restart"],
  ["dropped", "lost"],
  ["lost", "lost"],
];

const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  ["AccessDeniedException", "config", /ce:GetCostAndUsage is missing.*\(source ce\)/],
  ["ValidationException", "config", /groupBy and metrics \(told by the stub\)/],
  ["BillExpirationException", "refused", /no longer has this period/],
  ["UnrecognizedClientException", "config", /does not accept the credentials/],
  ["BillingViewHealthStatusException", "refused", /refuses the request: BillingViewHealthStatusException/],
  ["ResourceNotFoundException", "refused", /refuses the request/],
];

describe("what goes wrong", () => {
  it.each(OUTCOMES)("%j is %s, and the SDK does not ask again by itself", async (fault, outcome) => {
    stub.faults = [fault];
    expect(await stub.api().getCostAndUsage(REQUEST)).toMatchObject({ outcome, reason: expect.any(String) });
    expect(stub.requests).toHaveLength(1);
  });

  it("counts an answer that never comes as lost: it may have been charged", async () => {
    const silent = await serveHttp(() => Promise.resolve());
    vi.stubEnv("AWS_ENDPOINT_URL_COST_EXPLORER", silent.url);
    try {
      const credentials = () => Promise.resolve({ accessKeyId: "test", secretAccessKey: "test" });
      const api = createCostExplorerApi({ source: "ce", credentials, idleMs: 30 });
      expect(await api.getCostAndUsage(REQUEST)).toMatchObject({ outcome: "lost" });
    } finally {
      await silent.close();
    }
  });

  it.each(FAULTS)("%s is a %s error that says what to do", async (error, code, message) => {
    stub.faults = [{ error }];
    await expect(stub.api().getCostAndUsage(REQUEST)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(stub.requests).toHaveLength(1);
  });

  it("asks once more with new credentials when AWS says that they have expired", async () => {
    stub.faults = [{ error: "ExpiredTokenException" }];
    expect(await stub.api().getCostAndUsage(REQUEST)).toMatchObject({ outcome: "page" });
    stub.faults = [{ error: "ExpiredTokenException" }, { error: "ExpiredTokenException" }];
    await expect(stub.api().getCostAndUsage(REQUEST)).rejects.toThrow("sign in again");
    expect(stub.requests).toHaveLength(4);
  });

  it("knows no account without STS, and says so", async () => {
    await stub.close();
    await expect(stub.api().accountId()).rejects.toMatchObject({ code: "unavailable" });
  });
});
