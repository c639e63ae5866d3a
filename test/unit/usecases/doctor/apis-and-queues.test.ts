import { OAuth2Client } from "google-auth-library";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import type { BillingApis } from "../../../../shared/ports/billing-apis.ts";
import type { Credentials } from "../../../../shared/usecases/open-credentials.ts";
import { bigQueryApis } from "../../../support/bigquery-apis.ts";
import { createBigQueryStub } from "../../../support/bigquery-stub.ts";
import { NO_APIS } from "../../../support/collect-deps.ts";
import { createCostExplorerStub } from "../../../support/cost-explorer-stub.ts";
import { createCostQueryStub } from "../../../support/cost-query-stub.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { json, type Reply, serve, type TestServer } from "../../../support/identity/server.ts";
import { checkOf, examined, folders } from "./support.ts";

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});
afterAll(() => folders.clean());

function kept<T extends { close(): Promise<void> }>(server: T): T {
  running.push(server);
  return server;
}

describe("the right to ask Cost Explorer", () => {
  const yaml = "sources: [{ id: ce, type: aws-cost-explorer, maxDailyCost: 0.5 }]";
  async function ask(error: string | undefined, paid = false) {
    const stub = kept(await createCostExplorerStub());
    if (error !== undefined) stub.faults.push({ error });
    const apis: BillingApis = { ...NO_APIS, costExplorer: ({ id }) => Promise.resolve(stub.api(id)) };
    const found = checkOf(await examined(yaml, { apis }, { environment: {}, paid }), "source ce: query");
    return { stub, found };
  }

  it("is seen without paying: a period that cannot be is refused only for that", async () => {
    const { stub, found } = await ask("ValidationException");
    expect(found).toMatchObject({ ok: true, detail: expect.stringContaining("which is free") as string });
    expect([stub.charged, stub.requests[0]?.TimePeriod]).toEqual([0, { Start: "2000-01-02", End: "2000-01-01" }]);
  });

  it("is missing with the statement to add", async () => {
    expect((await ask("AccessDeniedException")).found).toMatchObject({
      ok: false,
      missing: "ce:GetCostAndUsage",
      grant: '{"Effect":"Allow","Action":"ce:GetCostAndUsage","Resource":"*"}',
    });
  });

  it("is asked for real only with --paid", async () => {
    const { stub, found } = await ask(undefined, true);
    expect(found).toMatchObject({ ok: true, detail: "one page was bought ($0.01)" });
    expect(stub.charged).toBe(1);
    expect((await ask("ValidationException", true)).found).toMatchObject({ ok: false });
  });

  it("stays unknown while AWS is busy, and is not called missing without a sign-in", async () => {
    expect((await ask("LimitExceededException")).found).toMatchObject({ ok: true, checked: false });
    const { found } = await ask("UnrecognizedClientException");
    expect([found?.ok, found?.missing]).toEqual([false, undefined]);
  });
});

describe("the right to query Cost Management", () => {
  const yaml = "sources: [{ id: q, type: azure-cost-query, scope: subscriptions/s-1 }]";
  async function ask(fault?: { status: number; headers?: Record<string, string> }) {
    const stub = kept(await createCostQueryStub());
    if (fault !== undefined) stub.faults.push(fault);
    const apis: BillingApis = { ...NO_APIS, costQuery: ({ id }) => Promise.resolve(stub.api(id)) };
    return checkOf(await examined(yaml, { apis }), "source q: query");
  }

  it("is seen by one query of one day", async () => {
    expect(await ask()).toMatchObject({ ok: true, detail: "Cost Management answers for subscriptions/s-1" });
    expect(await ask({ status: 204 })).toMatchObject({ ok: true });
  });

  it("is missing with the role to assign", async () => {
    expect(await ask({ status: 403 })).toMatchObject({
      ok: false,
      missing: "Cost Management Reader",
      grant: expect.stringMatching(
        /az role assignment create .*"Cost Management Reader" --scope "\/subscriptions\/s-1"/,
      ) as string,
    });
  });

  it("stays unknown while Azure asks for patience", async () => {
    expect(await ask({ status: 429 })).toMatchObject({ ok: true, checked: false });
  });
});

describe("the right to query a billing export in BigQuery", () => {
  const table = "p-1.billing.gcp_billing_export_v1_X";
  async function ask(status?: number) {
    const stub = kept(await createBigQueryStub());
    if (status !== undefined) stub.faults.push({ on: "any", status, reason: "accessDenied" });
    else {
      await stub.run('CREATE SCHEMA IF NOT EXISTS "p-1"').catch(() => undefined);
      await stub.run(`CREATE TABLE "${table}" (export_time TIMESTAMP)`);
    }
    const clock = createFakeClock();
    const randomness = { id: () => "1", fraction: () => 0 };
    const apis = bigQueryApis(stub, { clock, randomness });
    const found = checkOf(
      await examined(`sources: [{ id: g, type: gcp-billing-export, table: "${table}" }]`, { apis }),
      "source g: query",
    );
    return { stub, found };
  }

  it("is seen by a dry run, which reads nothing and is free", async () => {
    const { stub, found } = await ask();
    expect(found).toMatchObject({ ok: true, detail: `${table} can be queried by p-1 (dry run)` });
    expect(stub.queries).toEqual([]);
    // A cap of nothing is no valid cap.
    const caps = stub.requests.map(({ body }) => JSON.stringify(body)).filter((body) => body.includes("dryRun"));
    expect(caps.length).toBeGreaterThan(0);
    expect(caps.filter((body) => body.includes('"maximumBytesBilled":"0"'))).toEqual([]);
  });

  it("is missing with the roles to bind", async () => {
    expect((await ask(403)).found).toMatchObject({
      ok: false,
      missing: "roles/bigquery.jobUser and roles/bigquery.dataViewer",
      grant: expect.stringMatching(/add-iam-policy-binding p-1 .*jobUser.*ON SCHEMA `p-1\.billing`/) as string,
    });
  });
});

describe("the right to query a table in Athena", () => {
  const yaml = "sources: [{ id: f, type: focus-export, mode: in-place, athena: { database: bills, table: focus } }]";
  async function ask(paid: boolean, limit: () => Promise<bigint | undefined> = async () => 10n) {
    const asked: string[] = [];
    const none = (async function* () {})();
    const query = ({ sql }: { sql: string }) => {
      asked.push(sql);
      return Promise.resolve({ columns: [], rows: none, bytesScanned: 0n });
    };
    const apis: BillingApis = { ...NO_APIS, athena: () => Promise.resolve({ scanLimit: limit, query }) };
    const found = checkOf(await examined(yaml, { apis }, { environment: {}, paid }), "source f: query");
    return { asked, found };
  }

  it("is not asked for without --paid: Athena has no dry run", async () => {
    expect(await ask(false)).toMatchObject({ asked: [], found: { ok: true, checked: false } });
    expect(await ask(true)).toMatchObject({ asked: ['SELECT 1 FROM "focus" LIMIT 0'], found: { ok: true } });
  });

  it("is no use in a workgroup without a limit: collecting would refuse it", async () => {
    expect(await ask(true, async () => undefined)).toMatchObject({
      asked: [],
      found: { ok: false, detail: expect.stringContaining("BytesScannedCutoffPerQuery") as string },
    });
  });

  it("is missing with the statements to add", async () => {
    const { found } = await ask(false, () => Promise.reject(new GenOpsError("config", "access denied")));
    expect(found).toMatchObject({ ok: false, missing: "athena:StartQueryExecution and glue:GetTable" });
    expect(found?.grant).toContain("arn:aws:athena:*:*:workgroup/primary");
  });
});

describe("the rights behind independent totals", () => {
  const yaml = `
sources:
  - { id: bill, type: focus-export, location: bill.csv }
  - { id: q, type: focus-export, location: bill.csv }
  - { id: g, type: focus-export, location: bill.csv }
reconcile:
  against:
    - { source: bill, with: cost-explorer }
    - { source: q, with: azure-query, scope: /Subscriptions/S-1 }
    - { source: g, with: bigquery, table: p-1.billing.gcp_billing_export_v1_X }`;

  it("are asked for as those of sources are, without paying", async () => {
    const [explorer, query, bigQuery] = await Promise.all([
      createCostExplorerStub(),
      createCostQueryStub(),
      createBigQueryStub(),
    ]);
    for (const stub of [explorer, query, bigQuery]) kept(stub);
    explorer.faults.push({ error: "ValidationException" });
    query.faults.push({ status: 403 });
    bigQuery.faults.push({ on: "any", status: 403, reason: "accessDenied" });
    const clock = createFakeClock();
    const apis: BillingApis = {
      ...bigQueryApis(bigQuery, { clock, randomness: { id: () => "1", fraction: () => 0 } }),
      costExplorer: ({ id }) => Promise.resolve(explorer.api(id)),
      costQuery: ({ id }) => Promise.resolve(query.api(id)),
    };
    const checks = await examined(yaml, { apis });
    const found = checks.filter(({ what }) => what.startsWith("reconcile "));
    expect(found.map(({ what, ok, missing }) => [what, ok, missing])).toEqual([
      ["reconcile bill: query", true, undefined],
      ["reconcile q: query", false, "Cost Management Reader"],
      ["reconcile g: query", false, "roles/bigquery.jobUser and roles/bigquery.dataViewer"],
    ]);
    expect(explorer.charged).toBe(0);
    expect(checks.filter(({ what }) => what.startsWith("identity")).map(({ what }) => what)).toEqual([
      "identity in aws",
      "identity in azure",
      "identity in gcp",
    ]);
  });
});

describe("the way to OpenCost", () => {
  it.each([
    [() => Promise.resolve([]), { ok: true, detail: "OpenCost answers with 0 allocations of yesterday" }],
    [() => Promise.reject(new Error("connection refused")), { ok: false, detail: "connection refused" }],
  ])("is tried with one day", async (allocation, expected) => {
    const apis: BillingApis = { ...NO_APIS, openCost: () => Promise.resolve({ allocation }) };
    const yaml =
      "sources: [{ id: k, type: opencost, url: 'http://opencost:9003', cluster: c, match: { service: [x] } }]";
    expect(checkOf(await examined(yaml, { apis }), "source k: query")).toMatchObject(expected);
  });
});

describe("the right to send to a queue", () => {
  const google = new OAuth2Client();
  google.setCredentials({ access_token: "t" });
  const credentials: Credentials = {
    home: "local",
    aws: async () => ({
      region: "eu-west-1",
      credentials: async () => ({ accessKeyId: "ASIAX", secretAccessKey: "s" }),
    }),
    azure: async () => undefined,
    gcp: async () => google,
  };
  const ask = async (address: string, environment: Readonly<Record<string, string>> = {}) =>
    checkOf(
      await examined("{}", { credentials }, { environment: { GENOPS_QUEUE_COLLECT: address, ...environment } }),
      `queue ${address}: send`,
    );
  const start = async (reply: Reply | ((method: string) => Reply)): Promise<TestServer> =>
    kept(await serve(({ method }) => (typeof reply === "function" ? reply(method) : reply)));
  const sqsFault = (status: number, type: string) => ({
    ...json(status, { __type: `com.amazonaws.sqs#${type}`, message: "m" }),
    headers: { "content-type": "application/x-amz-json-1.0" },
  });

  it("is seen in SQS by an empty message, which is refused only for that", async () => {
    const server = await start(sqsFault(400, "InvalidParameterValueException"));
    expect(await ask(`${server.url}/123/collect`)).toMatchObject({ ok: true });
    expect(server.asked[0]?.body).toContain('"MessageBody":""');
  });

  it("is missing in SQS with the statement to add", async () => {
    const server = await start(sqsFault(403, "AccessDeniedException"));
    expect(await ask(`${server.url}/123/collect`)).toMatchObject({
      ok: false,
      missing: "sqs:SendMessage",
      grant: expect.stringContaining('"Action":"sqs:SendMessage"') as string,
    });
  });

  const KEY = Buffer.from("key").toString("base64");
  const account = (url: string) => ({
    AzureWebJobsStorage: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${KEY};QueueEndpoint=${url}/a;`,
  });
  const SENT =
    "<QueueMessagesList><QueueMessage><MessageId>m</MessageId><InsertionTime>Fri, 09 Oct 2026 21:04:30 GMT</InsertionTime><ExpirationTime>Fri, 16 Oct 2026 21:04:30 GMT</ExpirationTime><PopReceipt>r</PopReceipt><TimeNextVisible>Fri, 09 Oct 2026 23:29:20 GMT</TimeNextVisible></QueueMessage></QueueMessagesList>";

  it("is seen in Azure by a hidden message that is taken back", async () => {
    const server = await start((method) =>
      method === "POST"
        ? { status: 201, headers: { "content-type": "application/xml" }, body: SENT }
        : { status: 204, body: "" },
    );
    expect(await ask("collect", account(server.url))).toMatchObject({ ok: true });
    expect(server.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      "POST /a/collect/messages",
      "DELETE /a/collect/messages/m",
    ]);
    expect(server.asked[0]?.url.searchParams.get("visibilitytimeout")).toBe("60");
  });

  it("is missing in Azure with the role to assign", async () => {
    const server = await start({
      status: 403,
      headers: { "x-ms-error-code": "AuthorizationPermissionMismatch" },
      body: "",
    });
    expect(await ask("collect", account(server.url))).toMatchObject({
      ok: false,
      missing: "Storage Queue Data Message Sender",
      grant: expect.stringContaining("queueServices/default/queues/collect") as string,
    });
    const away = { ...credentials, azure: () => Promise.reject(new GenOpsError("config", "no way into azure")) };
    for (const environment of [
      { AzureWebJobsStorage__queueServiceUri: "https://a.queue.core.windows.net/" },
      { AzureWebJobsStorage__accountName: "a" },
    ]) {
      const checks = await examined(
        "{}",
        { credentials: away },
        { environment: { GENOPS_QUEUE_COLLECT: "collect", ...environment } },
      );
      expect(checkOf(checks, "queue collect: send")).toMatchObject({ ok: false, detail: "no way into azure" });
    }
    expect(await ask("collect")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("AzureWebJobsStorage__queueServiceUri") as string,
    });
  });

  it.each([
    [json(200, { permissions: ["pubsub.topics.publish"] }), { ok: true }],
    [
      json(200, {}),
      {
        ok: false,
        missing: "roles/pubsub.publisher",
        grant: expect.stringContaining("gcloud pubsub topics add-iam-policy-binding collect --project=p-1") as string,
      },
    ],
    [json(403, { error: { code: 403, message: "denied" } }), { ok: false, missing: "roles/pubsub.publisher" }],
  ])("is asked of Pub/Sub, which sends nothing", async (reply, expected) => {
    const server = await start(reply);
    const environment = { PUBSUB_EMULATOR_HOST: server.url.replace("http://", "") };
    expect(await ask("projects/p-1/topics/collect", environment)).toMatchObject(expected);
    expect(server.asked[0]?.url.pathname).toBe("/v1/projects/p-1/topics/collect:testIamPermissions");
  });
});

describe("the command", () => {
  it("asks for nothing that the configuration does not use", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    const checks = await examined("{}");
    expect(checks.map(({ what, ok }) => [what, ok])).toEqual([
      ["configuration", true],
      ["lake", true],
      ["notifications", true],
    ]);
  });
});
