import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../shared/config/types.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../shared/ledger/collect/run.ts";
import { openCube } from "../../../../shared/ledger/open-costs.ts";
import type { SqlRow } from "../../../../shared/ports/sql-engine.ts";
import { bigQueryApis } from "../../../support/bigquery-apis.ts";
import { type BigQueryStub, createBigQueryStub, describeInStub } from "../../../support/bigquery-stub.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { QUERY } from "../../../support/ledger-fixture.ts";
import { withEngine } from "../../../support/with-engine.ts";

const TABLE = "finops-prod.gcp_billing_immutable_01F9C2_EU.gcp_billing_export_focus_01F9C2";
const COPY: SourceConfigOf<"focus-export"> = { id: "gcp", type: "focus-export", table: TABLE };
const IN_PLACE: SourceConfigOf<"focus-export"> = { ...COPY, mode: "in-place" };

const folders = createFolders();
let stub: BigQueryStub;
let deps: TestCollectDeps;

beforeEach(async () => {
  stub = await createBigQueryStub();
  deps = await newDeps();
  await stub.run(`CREATE TABLE "${TABLE}" AS ${rowsSql("2024-09-05 00:00:00")}`);
  await describeInStub(stub, TABLE);
});
afterEach(() => stub.close());
afterAll(() => folders.clean());

async function newDeps(): Promise<TestCollectDeps> {
  const made = { ...createCollectDeps(await folders.make()), clock: createFakeClock("2024-10-05T06:00:00.000Z", true) };
  return { ...made, apis: bigQueryApis(stub, made) };
}

/**
 * Rows as Google's native FOCUS export has them (`reference/clouds.md` §3.1): no Tags, labels and credits as lists of records, Pacific
 * billing periods. 240 hours of two services with re-pricing credits, a promotion and rows without credits.
 */
function rowsSql(exportedAt: string): string {
  const pair = (key: string, value: string) => `{'Key': '${key}', 'Value': ${value}}`;
  return `SELECT
    (1.25 + i % 7 * 0.000000001)::DECIMAL(38,9) AS BilledCost, (1.25 + i % 7 * 0.000000001)::DECIMAL(38,9) AS EffectiveCost,
    2::DECIMAL(38,9) AS ListCost, 1.5::DECIMAL(38,9) AS ContractedCost,
    '01F9C2-7A3B5D-E84A60' AS BillingAccountId, 'Main' AS BillingAccountName, 'EUR' AS BillingCurrency,
    TIMESTAMP '2024-09-01 07:00:00' AS BillingPeriodStart, TIMESTAMP '2024-10-01 07:00:00' AS BillingPeriodEnd,
    TIMESTAMP '2024-09-01 07:00:00' + INTERVAL (i) HOUR AS ChargePeriodStart,
    TIMESTAMP '2024-09-01 08:00:00' + INTERVAL (i) HOUR AS ChargePeriodEnd,
    'usage' AS ChargeCategory, NULL::VARCHAR AS ChargeClass, 'N1 Core' AS ChargeDescription, 'Google Cloud' AS InvoiceIssuerName,
    'Google Cloud' AS ProviderName, 'Google Cloud' AS PublisherName, 2::DECIMAL(38,9) AS PricingQuantity, 'hour' AS PricingUnit,
    CASE i % 2 WHEN 0 THEN 'Compute Engine' ELSE 'Vertex AI' END AS ServiceName, 'europe-west1' AS RegionId,
    'project-' || i % 3 AS SubAccountId, NULL::VARCHAR AS x_SubscriptionInstanceId,
    CASE i % 4 WHEN 0 THEN [{'Name': 'CUD', 'Amount': -0.1::DECIMAL(38,9), 'FullName': '', 'Id': '1', 'Type': 'COMMITTED_USAGE_DISCOUNT'},
        {'Name': 'Trial "2024"', 'Amount': -0.05::DECIMAL(38,9), 'FullName': '', 'Id': '2', 'Type': 'PROMOTION'}]
      WHEN 1 THEN [{'Name': 'Sustained', 'Amount': -0.01::DECIMAL(38,9), 'FullName': '', 'Id': '3', 'Type': 'SUSTAINED_USAGE_DISCOUNT'}]
      ELSE [] END AS x_Credits,
    [${pair("team", "'t' || i % 2")}] AS x_Labels, [${pair("env", "'prod'")}] AS x_ProjectLabels,
    []::STRUCT("Key" VARCHAR, "Value" VARCHAR)[] AS x_SystemLabels, []::STRUCT("Key" VARCHAR, "Value" VARCHAR)[] AS x_Tags,
    TIMESTAMP '${exportedAt}' AS x_ExportTime, date_trunc('day', TIMESTAMP '${exportedAt}')::TIMESTAMP AS _PARTITIONTIME
  FROM range(240) AS hours(i)`;
}

function collect(source: SourceConfigOf<"focus-export">, on = deps): Promise<CollectRun[]> {
  return collectSources(on, { sources: [source], periods: [], force: false, baseDir: "/" });
}

/** Without the number of rows: of credits that were added up it is not known. */
function cube(on: TestCollectDeps): Promise<SqlRow[]> {
  return withEngine(on, async (costs) => {
    await openCube(costs, QUERY);
    return costs.engine.query("SELECT * EXCLUDE (rows) FROM cube ORDER BY ALL");
  });
}

function asked(): string[] {
  return stub.queries.filter((sql) => !sql.includes("INFORMATION_SCHEMA"));
}

describe("Google's own FOCUS table", () => {
  it("is copied row by row, with its labels as tags and its credits by GCP-2 (UP-7)", async () => {
    const [run] = await collect(COPY);
    expect(run).toMatchObject({ period: "2024-09", status: "replaced", rows: 300 });
    expect(run?.control).toEqual([
      { metric: "BilledCost", currency: "EUR", amount: "290.400000715", difference: "0" },
      { metric: "EffectiveCost", currency: "EUR", amount: "290.400000715", difference: "0" },
    ]);
    const rows = await cube(deps);
    expect(new Set(rows.map(({ team }) => team))).toEqual(new Set(["t0", "t1"]));
    expect(new Set(rows.map(({ charge_category: category }) => category))).toEqual(new Set(["Usage", "Credit"]));
  });

  it("is the same as the CSV file that it could be exported to", async () => {
    const file = path.join(await folders.make(), "focus.csv");
    const json = ["x_Credits", "x_Labels", "x_ProjectLabels", "x_SystemLabels", "x_Tags"].map(
      (name) => `to_json(${name})::VARCHAR AS ${name}`,
    );
    await stub.run(
      `COPY (SELECT * EXCLUDE (_PARTITIONTIME) REPLACE (${json.join(", ")}) FROM "${TABLE}") TO '${file}' (HEADER)`,
    );
    await collect(COPY);
    const other = await newDeps();
    await collect({ id: "gcp", type: "focus-export", location: file }, other);
    expect(await cube(deps)).toEqual(await cube(other));
  });

  it.each(["separate", "included"] as const)(
    "has the same cube in place as copied, with credits %s",
    async (credits) => {
      await collect({ ...COPY, credits });
      const other = await newDeps();
      const [run] = await collect({ ...IN_PLACE, credits }, other);
      expect(run).toMatchObject({ status: "replaced", rows: 240 });
      expect(await cube(other)).toEqual(await cube(deps));
    },
  );

  it.each([COPY, IN_PLACE])("is asked only for what is new ($mode)", async (source) => {
    await collect(source);
    stub.queries.length = 0;
    expect(await collect(source)).toEqual([]);
    expect(asked()).toHaveLength(1);
    await stub.run(`INSERT INTO "${TABLE}" ${rowsSql("2024-10-03 00:00:00")}`);
    const [run] = await collect(source);
    expect(run).toMatchObject({ period: "2024-09", status: "replaced" });
    expect(await collect(source)).toEqual([]);
  });

  it("is read from the first partition of the month on", async () => {
    await collect(IN_PLACE);
    expect(asked().at(-1)).toContain("_PARTITIONTIME >= TIMESTAMP '2024-09-01 00:00:00'");
  });
});
