import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { collectSources } from "../../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../../shared/ledger/collect/run.ts";
import { bigQueryApis, googleCredentials } from "../../../../support/bigquery-apis.ts";
import { type BigQueryStub, createBigQueryStub } from "../../../../support/bigquery-stub.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../../support/collect-deps.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";
import { FIXTURE_ROWS, makeBillingTable, TABLE } from "./billing-table.ts";
import { ndjson, type RowChanges } from "./gcp-bill.ts";

type Source = SourceConfigOf<"gcp-billing-export">;
const SOURCE: Source = { id: "gcp", type: "gcp-billing-export", table: TABLE };

const folders = createFolders();
let stub: BigQueryStub;
let deps: TestCollectDeps;

beforeEach(async () => {
  stub = await createBigQueryStub();
  const clock = createFakeClock("2024-10-05T06:00:00.000Z", true);
  deps = { ...createCollectDeps(await folders.make()), clock };
  deps = { ...deps, apis: bigQueryApis(stub, deps) };
});
afterEach(() => stub.close());
afterAll(() => folders.clean());

function collect(source: Source = SOURCE, more: { periods?: string[]; force?: boolean } = {}): Promise<CollectRun[]> {
  return collectSources(deps, { sources: [source], periods: [], force: false, baseDir: "/", ...more });
}

async function fileOf(rows: readonly RowChanges[]): Promise<string> {
  const file = path.join(await folders.make(), "rows.ndjson");
  await writeFile(file, ndjson(rows.map((row) => ({ export_time: "2024-09-04 00:10:00 UTC", ...row }))));
  return file;
}

function statements(): string[] {
  return stub.queries.map((sql) => sql.replace(/\s+/g, " ")).filter((sql) => !sql.includes("INFORMATION_SCHEMA"));
}

describe("what reading a BigQuery table costs", () => {
  it("caps every query and says what was read", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    const [run] = await collect({ ...SOURCE, maximumBytesBilled: 10 * 1024 ** 3 });
    const caps = stub.requests.flatMap(({ body }) =>
      body === undefined ? [] : [(body as { maximumBytesBilled: string }).maximumBytesBilled],
    );
    expect(new Set(caps)).toEqual(new Set(["10737418240"]));
    expect(run?.messages[0]).toBe("BigQuery read 40.0 MiB, about 0.0002 USD");
  });

  it("refuses what would read more than the cap, with the figure, and reads nothing", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    stub.bytesOf = (sql) => (sql.includes("@month") ? 3n * 2n ** 40n : 2n ** 20n);
    const [run] = await collect();
    expect(run).toMatchObject({ status: "failed", period: "2024-09" });
    expect(run?.messages[0]).toBe(
      "2024-09 would read 3.0 TiB (about 18.7500 USD), more than maximumBytesBilled allows (50.0 GiB); nothing was read (source gcp)",
    );
    expect(statements()).toHaveLength(1);
  });

  it("passes on BigQuery's own refusal of a query above the cap", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    stub.faults.push({ on: "insert", status: 400, reason: "bytesBilledLimitExceeded" });
    expect((await collect()).map(({ messages }) => messages[0])).toEqual([
      expect.stringContaining("would read more than maximumBytesBilled allows"),
    ]);
  });

  it("does not begin what will not be finished before the function ends", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    deps = { ...deps, deadline: { remainingMs: () => 20_000 } };
    const [run] = await collect();
    expect(run).toMatchObject({ status: "unchanged", laterMs: 0 });
    expect(statements()).toHaveLength(1);
  });

  it("stops reading in time and begins again in the next invocation", async () => {
    await makeBillingTable(stub, await fileOf([{}, {}]));
    let looks = 0;
    const hurried = { ...deps, deadline: { remainingMs: () => (looks++ === 0 ? 100_000 : 10_000) } };
    const input = { sources: [SOURCE], periods: ["2024-09"], force: false, baseDir: "/" };
    const [run] = await collectSources(hurried, input);
    expect(run?.messages).toContain("time ran out while its rows were read");
    expect((await collect()).map(({ status, rows }) => [status, rows])).toEqual([["replaced", 2]]);
  });
});

describe("a month that does not fit into a function's time", () => {
  it("fails the second time instead of costing for ever", async () => {
    await makeBillingTable(stub, await fileOf([{}, {}]));
    const hurried = () => {
      let looks = 0;
      return { ...deps, deadline: { remainingMs: () => (looks++ === 0 ? 100_000 : 10_000) } };
    };
    const input = { sources: [SOURCE], periods: ["2024-09"], force: false, baseDir: "/" };
    expect((await collectSources(hurried(), input)).map(({ laterMs }) => laterMs)).toEqual([0]);
    const [run] = await collectSources(hurried(), input);
    expect(run).toMatchObject({ status: "failed" });
    expect(run?.messages[0]).toContain("2 rows of 2024-09 are too many to be read before this function ends");
    expect((await collect()).map(({ status }) => status)).toEqual(["replaced"]);
  });
});

describe("BigQuery's troubles", () => {
  it("asks again after 429 and 503, and the query runs once", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    stub.faults.push({ on: "insert", status: 429, reason: "rateLimitExceeded" });
    stub.faults.push({ on: "insert", status: 503, reason: "backendError", after: true });
    stub.faults.push(
      { on: "page", status: 503, reason: "backendError" },
      { on: "page", status: 500, reason: "internalError" },
    );
    expect((await collect()).map(({ status }) => status)).toEqual(["replaced"]);
    expect(statements()).toHaveLength(2);
  });

  it("gives up after five attempts and leaves the month for the next run", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    for (let fault = 0; fault < 5; fault++) stub.faults.push({ on: "any", status: 503, reason: "backendError" });
    const [run] = await collect();
    expect(run?.messages[0]).toContain("BigQuery did not answer");
    expect((await collect()).map(({ status }) => status)).toEqual(["replaced"]);
  });

  it("follows page tokens to the last row", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    stub.pageRows = 50;
    const runs = await collect();
    expect(runs.map(({ rows }) => rows)).toEqual([475, 1]);
    expect(stub.requests.filter(({ method }) => method === "GET").length).toBeGreaterThan(8);
  });

  it("asks for new credentials when a token is no longer accepted (401)", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    stub.tokens.add("second");
    const tokens = ["first", "second"];
    let made = 0;
    const renew = () => googleCredentials(tokens[Math.min(made++, 1)] ?? "");
    const renewing = { ...deps, apis: bigQueryApis(stub, deps, renew) };
    const input = { sources: [SOURCE], periods: [], force: false, baseDir: "/" };
    expect((await collectSources(renewing, input)).map(({ status }) => status)).toEqual(["replaced"]);
    stub.tokens.clear();
    stub.tokens.add("third");
    const [run] = await collectSources(renewing, { ...input, periods: ["2024-09"] });
    expect(run?.messages[0]).toContain("BigQuery did not accept the credentials");
  });

  it.each([
    [403, "accessDenied", "grant roles/bigquery.jobUser"],
    [404, "notFound", "does not find the table or dataset"],
    [400, "invalidQuery", "refused the query"],
  ])("says for %i %s what is wrong", async (status, reason, text) => {
    await makeBillingTable(stub, await fileOf([{}]));
    stub.faults.push({ on: "insert", status, reason });
    expect((await collect()).map(({ status: state, messages }) => [state, messages[0]])).toEqual([
      ["failed", expect.stringContaining(text)],
    ]);
  });

  it("refuses a table that is none of Google's billing export", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    await stub.run("DELETE FROM information_columns WHERE column_name IN ('cost', 'export_time')");
    expect((await collect()).map(({ messages }) => messages[0])).toEqual([
      `${TABLE} is no Google Cloud billing export: missing cost, export_time (source gcp)`,
    ]);
  });

  it("says that a table does not exist", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    const [run] = await collect({ ...SOURCE, table: "genops-billing.billing.nothing" });
    expect(run?.messages[0]).toBe("BigQuery has no table genops-billing.billing.nothing (source gcp, field table)");
  });

  it("points to focus-export for Google's own FOCUS table", async () => {
    const [run] = await collect({ ...SOURCE, table: "genops-billing.imm.gcp_billing_export_focus_01F9C2" });
    expect(run?.messages[0]).toContain("read it with type: focus-export");
    expect(stub.requests).toEqual([]);
  });
});
