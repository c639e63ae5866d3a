import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../shared/config/types.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../shared/ledger/collect/run.ts";
import { openCube } from "../../../../shared/ledger/open-costs.ts";
import { createAthenaApi } from "../../../../shared/platforms/aws/athena.ts";
import type { SqlRow } from "../../../../shared/ports/sql-engine.ts";
import { type AthenaStub, createAthenaStub } from "../../../support/athena-stub.ts";
import { createCollectDeps, createFolders, NO_APIS, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { QUERY } from "../../../support/ledger-fixture.ts";
import { withEngine } from "../../../support/with-engine.ts";
import { FOCUS_SAMPLE, focusRowsSql } from "./focus-table.ts";

const SOURCE: SourceConfigOf<"focus-export"> = {
  id: "focus",
  type: "focus-export",
  mode: "in-place",
  athena: { database: "finops", table: "focus", workgroup: "finops", output: "s3://results/genops" },
};

const folders = createFolders();
let stub: AthenaStub;
let deps: TestCollectDeps;

beforeEach(async () => {
  stub = await createAthenaStub();
  const made = createCollectDeps(await folders.make());
  const clock = createFakeClock("2024-10-05T06:00:00.000Z", true);
  const options = { clock, randomness: made.randomness, endpoint: stub.url, region: "eu-west-1" };
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  deps = {
    ...made,
    clock,
    apis: { ...NO_APIS, athena: () => Promise.resolve(createAthenaApi({ ...options, credentials })) },
  };
});
afterEach(() => stub.close());
afterAll(() => folders.clean());

/** As AWS's FOCUS export lies in Glue: lower-case names, doubles, tags as a map, a partition per billing period. */
async function makeTable(money = "DOUBLE"): Promise<void> {
  await stub.run("CREATE SCHEMA finops");
  await stub.run(`CREATE TABLE finops.focus AS
    SELECT COLUMNS(*) AS '\\0', strftime(BillingPeriodStart, '%Y-%m') AS billing_period FROM (
      SELECT * REPLACE (CASE WHEN Tags IS NOT NULL THEN from_json(Tags, '"MAP(VARCHAR, VARCHAR)"') END AS Tags) FROM (${focusRowsSql(FOCUS_SAMPLE, money)}))`);
}

function collect(source = SOURCE, periods: string[] = []): Promise<CollectRun[]> {
  return collectSources(deps, { sources: [source], periods, force: false, baseDir: "/" });
}

function cube(on: TestCollectDeps): Promise<SqlRow[]> {
  return withEngine(on, async (costs) => {
    await openCube(costs, QUERY);
    return costs.engine.query("SELECT * FROM cube ORDER BY ALL");
  });
}

function actions(name: string): number {
  return stub.calls.filter(({ action }) => action === name).length;
}

describe("a FOCUS table read in place from Athena", () => {
  it.each(["DOUBLE", "DECIMAL(38,18)"])(
    "has the cube that copying the same rows gives, with costs as %s",
    async (money) => {
      await makeTable(money);
      const runs = await collect();
      expect(runs.map(({ period, status, rows }) => [period, status, rows])).toEqual([
        ["2024-09", "replaced", 522],
        ["2024-10", "replaced", 1],
      ]);
      const other = createCollectDeps(await folders.make());
      const file: SourceConfigOf<"focus-export"> = { id: "focus", type: "focus-export", location: FOCUS_SAMPLE };
      await collectSources(other, { sources: [file], periods: [], force: false, baseDir: "/" });
      expect(await cube(deps)).toEqual(await cube(other));
    },
  );

  it("proves its groups by a query of their own totals, and says what was read", async () => {
    await makeTable();
    const [run] = await collect();
    expect(run?.control).toMatchObject([{ difference: "0" }, { difference: "0" }]);
    expect(run?.messages[0]).toBe("Athena read 35.3 MiB, about 0.0002 USD");
  });

  it("changes nothing when it is read again (L3)", async () => {
    await makeTable();
    await collect();
    expect((await collect()).map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
  });

  it("reads only the partition of its billing period", async () => {
    await makeTable();
    await collect(SOURCE, ["2024-09"]);
    expect(stub.queries.filter((sql) => sql.includes("\"billing_period\" = '2024-09'"))).toHaveLength(2);
  });

  it("trusts only a partition that is a text, and says where it looked", async () => {
    await makeTable();
    await stub.run("UPDATE finops.focus SET billing_period = replace(billing_period, '-', '')");
    const [run] = await collect(SOURCE, ["2024-09"]);
    expect(run?.messages.join()).toContain("has no rows of 2024-09 where \"billing_period\" = '2024-09'");
    await stub.run("ALTER TABLE finops.focus ALTER billing_period TYPE DATE USING DATE '2024-09-01'");
    expect((await collect(SOURCE, ["2024-09"])).map(({ rows }) => rows)).toEqual([522]);
  });

  it("refuses credits, which only BigQuery can add up", async () => {
    await makeTable();
    await stub.run("ALTER TABLE finops.focus ADD COLUMN x_credits VARCHAR");
    const [run] = await collect();
    expect(run?.messages[0]).toContain("say credits: included if its costs contain them");
    const included = await collect({ ...SOURCE, credits: "included" });
    expect(included.map(({ status }) => status)).toEqual(["replaced", "replaced"]);
  });

  it("is asked in its database and workgroup, with its place for results", async () => {
    await makeTable();
    await collect();
    expect(stub.calls.find(({ action }) => action === "StartQueryExecution")?.input).toMatchObject({
      QueryExecutionContext: { Database: "finops" },
      WorkGroup: "finops",
      ResultConfiguration: { OutputLocation: "s3://results/genops" },
    });
  });

  it("follows all pages of the result", async () => {
    await makeTable();
    stub.pageRows = 20;
    expect((await collect()).map(({ rows }) => rows)).toEqual([522, 1]);
    expect(actions("GetQueryResults")).toBeGreaterThan(10);
  });
});

describe("what one query may read", () => {
  it("must be limited by the workgroup", async () => {
    await makeTable();
    const [run] = await collect({ ...SOURCE, athena: { database: "finops", table: "focus" } });
    expect(run?.messages[0]).toContain(
      "the workgroup primary lets a query read as much as it likes; set its per-query data usage control",
    );
    expect(actions("StartQueryExecution")).toBe(0);
  });

  it("is what Athena stops the query at, with the figure", async () => {
    await makeTable();
    stub.bytesOf = (sql) => (sql.includes("x_Rows") ? 10 ** 12 : 10);
    const [run] = await collect();
    expect(run).toMatchObject({ status: "failed" });
    expect(run?.messages[0]).toContain("stopped the query at the workgroup's limit after 10000000000 bytes");
  });
});

describe("Athena's troubles", () => {
  it("are asked again, and a query whose answer was lost runs once", async () => {
    await makeTable();
    stub.faults.push({ action: "StartQueryExecution", status: 500, type: "InternalServerException", after: true });
    stub.faults.push({ action: "GetQueryExecution", status: 400, type: "ThrottlingException" });
    stub.faults.push({ action: "GetQueryResults", status: 503, type: "ServiceUnavailable" });
    expect((await collect(SOURCE, ["2024-09"])).map(({ status }) => status)).toEqual(["replaced"]);
    expect(stub.queries).toHaveLength(3);
  });

  it.each([
    ["AccessDeniedException", "Athena denies access"],
    ["InvalidRequestException", "Athena refused"],
  ])("say what is wrong: %s", async (type, text) => {
    await makeTable();
    stub.faults.push({ action: "StartQueryExecution", status: 400, type });
    const [run] = await collect(SOURCE, ["2024-09"]);
    expect(run?.messages[0]).toContain(text);
  });

  it("name a query that Athena could not run", async () => {
    await makeTable();
    await stub.run(
      "ALTER TABLE finops.focus ALTER BilledCost TYPE VARCHAR; UPDATE finops.focus SET BilledCost = 'much'",
    );
    const [run] = await collect(SOURCE, ["2024-09"]);
    expect(run?.messages[0]).toContain("Athena ended the query: SYNTAX_ERROR");
  });

  it("name a table that does not exist", async () => {
    const [run] = await collect();
    expect(run?.messages[0]).toBe("Athena has no table finops.focus (source focus, field athena.table)");
  });
});
