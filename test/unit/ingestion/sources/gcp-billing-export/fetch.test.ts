import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { collectSources } from "../../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../../shared/ledger/collect/run.ts";
import { openRows } from "../../../../../shared/ledger/open-costs.ts";
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { bigQueryApis } from "../../../../support/bigquery-apis.ts";
import { type BigQueryStub, createBigQueryStub } from "../../../../support/bigquery-stub.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../../support/collect-deps.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";
import { QUERY } from "../../../../support/ledger-fixture.ts";
import { withEngine } from "../../../../support/with-engine.ts";
import { FIXTURE_ROWS, loadRows, makeBillingTable, TABLE } from "./billing-table.ts";
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

/** Everything in the ledger, in an order that does not depend on how it came there. */
function ledgerRows(from: TestCollectDeps): Promise<SqlRow[]> {
  return withEngine(from, async (costs) => {
    await openRows(costs, QUERY);
    // Python, which wrote the file, writes the float 1 as `1.0`.
    return costs.engine.query(`SELECT * EXCLUDE (version) REPLACE (money(x_CurrencyConversionRate) AS x_CurrencyConversionRate,
      replace(x_Credits, '.0,', ',') AS x_Credits) FROM cost_rows ORDER BY ALL`);
  });
}

function statements(): string[] {
  return stub.queries.map((sql) => sql.replace(/\s+/g, " ")).filter((sql) => !sql.includes("INFORMATION_SCHEMA"));
}

const APRIL = { usage_start_time: "2024-04-03 07:00:00 UTC", usage_end_time: "2024-04-03 08:00:00 UTC" };
const LATE = { ...APRIL, invoice: { month: "202404" }, export_time: "2024-10-05 01:00:00.250000 UTC", cost: 5 };

describe("a billing export read from its BigQuery table", () => {
  it("is read in UTC, whatever time zone the project has made its default", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    await collect();
    const posted = stub.requests.filter(({ method }) => method === "POST");
    expect(posted.length).toBeGreaterThan(3);
    for (const { body } of posted) {
      expect(body).toMatchObject({ connectionProperties: [{ key: "time_zone", value: "UTC" }] });
    }
  });

  it("gives what collecting the same rows from a file gives, to the last digit (X-1)", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    const runs = await collect();
    expect(runs.map(({ period, status, rows }) => [period, status, rows])).toEqual([
      ["2024-09", "replaced", 475],
      ["2024-10", "replaced", 1],
    ]);
    const fromFile = createCollectDeps(await folders.make());
    await collectSources(fromFile, {
      sources: [{ id: "gcp", type: "gcp-billing-export", location: FIXTURE_ROWS }],
      periods: [],
      force: false,
      baseDir: "/",
    });
    const [table, file] = [await ledgerRows(deps), await ledgerRows(fromFile)];
    expect(table).toHaveLength(476);
    expect(table).toEqual(file);
  });

  it("proves its rows by the control total of the raw columns (L1)", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    const runs = await collect();
    expect(
      runs.flatMap(({ control }) => (control === "none" ? ["none"] : control.map((each) => each.difference))),
    ).toEqual(["0", "0", "0", "0"]);
  });

  it("asks once, and then only for rows that are newer than the watermark", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    await collect();
    stub.queries.length = 0;
    expect(await collect()).toEqual([]);
    expect(statements()).toHaveLength(1);
    expect(statements()[0]).toMatch(
      /WHERE `export_time` > @since AND _PARTITIONTIME >= @partition GROUP BY 1 ORDER BY 1$/,
    );
  });

  it("reads a closed month again, and only that one, when rows for it come late", async () => {
    const older = await fileOf([
      { ...APRIL, invoice: { month: "202404" }, export_time: "2024-04-04 00:10:00 UTC" },
      {},
    ]);
    await makeBillingTable(stub, older);
    await collect();
    stub.queries.length = 0;
    await loadRows(stub, await fileOf([LATE]));
    const runs = await collect();
    expect(runs.map(({ period, status, rows, billedCost }) => [period, status, rows, billedCost])).toEqual([
      ["2024-04", "replaced", 2, [{ currency: "USD", amount: "15" }]],
    ]);
    expect(statements()).toHaveLength(2);
    expect(statements()[1]).toContain(
      "WHERE COALESCE(invoice.month, FORMAT_TIMESTAMP('%Y%m', usage_start_time)) = @month",
    );
  });

  it("begins reading a month at the first partition that holds rows of it", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    await collect();
    const bounds = stub.requests.flatMap(({ body }) => {
      const { queryParameters = [] } = (body ?? {}) as {
        queryParameters?: { name: string; parameterValue: { value: string } }[];
      };
      const value = (name: string) => queryParameters.find((each) => each.name === name)?.parameterValue.value;
      return value("month") === undefined ? [] : [[value("month"), value("partition")]];
    });
    expect([...new Set(bounds.map(String))]).toEqual([
      "202409,2024-09-02 00:00:00 UTC",
      "202410,2024-10-03 00:00:00 UTC",
    ]);
  });

  it("changes nothing when the same rows are read again in another order (L3)", async () => {
    await makeBillingTable(stub, FIXTURE_ROWS);
    await collect();
    await stub.run(`CREATE TABLE shuffled AS SELECT * FROM "${TABLE}" ORDER BY hash(cost, usage_start_time)`);
    await stub.run(`DELETE FROM "${TABLE}"; INSERT INTO "${TABLE}" FROM shuffled`);
    const runs = await collect(SOURCE, { periods: ["2024-09"], force: true });
    expect(runs.map(({ period, status }) => [period, status])).toEqual([["2024-09", "unchanged"]]);
  });

  it("reads a touched month again until it is in the ledger", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    const failing = { ...deps, createEngine: () => Promise.reject(new Error("the machine is gone")) };
    const input = { sources: [SOURCE], periods: [], force: false, baseDir: "/" };
    expect((await collectSources(failing, input)).map(({ status }) => status)).toEqual(["failed"]);
    expect((await collect()).map(({ period, status }) => [period, status])).toEqual([["2024-09", "replaced"]]);
  });

  it("lists its columns by name, keeps new ones and lives without old ones (X-6)", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    await stub.run(
      `ALTER TABLE "${TABLE}" ADD COLUMN new_thing VARCHAR DEFAULT 'new'; ALTER TABLE "${TABLE}" DROP COLUMN subscription`,
    );
    await stub.run(
      "INSERT INTO information_columns SELECT table_name, 'new_thing', 'STRING', 99 FROM information_columns LIMIT 1",
    );
    await stub.run("DELETE FROM information_columns WHERE column_name = 'subscription'");
    await collect();
    expect(statements().at(-1)).toContain("`cost_type`, `adjustment_info`");
    expect(statements().at(-1)).not.toContain("subscription");
    expect(await ledgerRows(deps)).toEqual([expect.objectContaining({ x_new_thing: "new" })]);
  });

  it("reads a table without partitions, such as a copy, without their bound", async () => {
    await makeBillingTable(stub, await fileOf([{}]));
    await stub.run("DELETE FROM information_columns WHERE column_name = '_PARTITIONTIME'");
    expect((await collect()).map(({ status }) => status)).toEqual(["replaced"]);
    expect(statements().join()).not.toContain("_PARTITIONTIME");
  });
});
