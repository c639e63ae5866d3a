import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listHeads } from "../../../../shared/ledger/head.ts";
import type { SqlRow } from "../../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { allocationOf } from "../allocation/config.ts";
import { FOCUS_SAMPLE, focusRowsSql } from "./focus-table.ts";
import { FROM_FILE, SOURCE, TABLE, useInPlaceFixture } from "./in-place-fixture.ts";

const fixture = useInPlaceFixture();
const folders = createFolders();
afterAll(() => folders.clean());

function statements(): string[] {
  return fixture.stub.queries.filter((sql) => !sql.includes("INFORMATION_SCHEMA"));
}

describe("a FOCUS table read in place from BigQuery", () => {
  it("has the cube that copying the same rows gives, to the last digit", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    const runs = await fixture.collect();
    expect(runs.map(({ period, status, rows }) => [period, status, rows])).toEqual([
      ["2024-09", "replaced", 522],
      ["2024-10", "replaced", 1],
    ]);
    const fromFile = await fixture.copied();
    expect(await fixture.cube(fixture.deps)).toEqual(await fixture.cube(fromFile));
  });

  it("groups by no bare name: BigQuery would take the sum of the same name for it", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect();
    const groupings = statements().flatMap((sql) => sql.match(/(?<=GROUP BY ).*/g) ?? []);
    const names = groupings.flatMap((grouping) => grouping.match(/\S+(?= IS NULL)/g) ?? []);
    expect(new Set(names)).toEqual(
      new Set(["bill.`BilledCost`", "bill.`EffectiveCost`", "bill.`ListCost`", "bill.`ContractedCost`"]),
    );
  });

  it("reads all partitions: when somebody else's rows were loaded says nothing about their month", async () => {
    await fixture.makeTable(
      `SELECT *, TIMESTAMP '2024-08-31 00:00:00' AS _PARTITIONTIME FROM (${focusRowsSql(FOCUS_SAMPLE)})`,
    );
    expect((await fixture.collect()).map(({ rows }) => rows)).toEqual([522, 1]);
  });

  it("refuses credits that it cannot add up instead of leaving them out", async () => {
    await fixture.makeTable(`SELECT *, '[]' AS x_Credits FROM (${focusRowsSql(FOCUS_SAMPLE)})`);
    const [run] = await fixture.collect();
    expect(run).toMatchObject({ status: "failed" });
    expect(run?.messages[0]).toContain("say credits: included if its costs contain them");
    const included = await fixture.collect({ ...SOURCE, credits: "included" });
    expect(included.map(({ status }) => status)).toEqual(["replaced", "replaced"]);
  });

  it("copies no row: what is kept are daily groups", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect();
    const keys: string[] = [];
    for await (const { key } of fixture.deps.lake.list("")) keys.push(key.replace(/version=[^/]*/, "version=V"));
    expect(keys.filter((key) => /^(rows|groups)/.test(key))).toEqual([
      "groups/source=focus/billing_period=2024-09/version=V/part-0.parquet",
      "groups/source=focus/billing_period=2024-10/version=V/part-0.parquet",
    ]);
    const [head] = await listHeads(fixture.deps.lake);
    const groups = head?.versions[0]?.parts[0]?.rows ?? 0;
    expect(groups).toBeGreaterThan(100);
    expect(groups).toBeLessThan(522);
  });

  it("proves its groups by a query of their own totals (L1, INV-1)", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    const [run] = await fixture.collect();
    expect(run?.control).toEqual([
      { metric: "BilledCost", currency: "USD", amount: expect.stringMatching(/^\d+\.\d+$/), difference: "0" },
      { metric: "EffectiveCost", currency: "USD", amount: expect.stringMatching(/^\d+\.\d+$/), difference: "0" },
    ]);
    const sums = statements().filter((sql) => sql.includes("row_count"));
    expect(sums[0]).not.toContain("ChargePeriodStart");
  });

  it("quarantines a period whose groups do not add up to the totals (INV-7)", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    const honest = fixture.deps.apis;
    const lying = {
      ...fixture.deps,
      apis: {
        ...honest,
        bigQuery: async (source: { id: string; project: string }) => {
          const api = await honest.bigQuery(source);
          const sql = (text: string) =>
            text.replace("COALESCE(SUM(CAST(`BilledCost`", "0.5 + COALESCE(SUM(CAST(`BilledCost`");
          return {
            ...api,
            query: (request: Parameters<typeof api.query>[0]) => api.query({ ...request, sql: sql(request.sql) }),
          };
        },
      },
    };
    const [run] = await fixture.collect(SOURCE, { on: lying });
    expect(run).toMatchObject({ status: "quarantined" });
    expect(run?.messages.join()).toContain("BilledCost differs from the source's");
  });

  it("asks again when the table is written to between the two queries", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    fixture.stub.bytesOf = (sql) => (sql.includes("x_Rows") ? 1n : 0n);
    const honest = fixture.deps.apis;
    const racing = {
      ...fixture.deps,
      apis: {
        ...honest,
        bigQuery: async (source: { id: string; project: string }) => {
          const api = await honest.bigQuery(source);
          return {
            ...api,
            query: async (request: Parameters<typeof api.query>[0]) => {
              if (request.sql.includes("x_Rows"))
                await fixture.stub.run(`INSERT INTO "${TABLE}" SELECT * FROM "${TABLE}" LIMIT 1`);
              return api.query(request);
            },
          };
        },
      },
    };
    const [run] = await fixture.collect(SOURCE, { on: racing, periods: ["2024-09"] });
    expect(run).toMatchObject({ status: "failed" });
    expect(run?.messages[0]).toContain("was written to while it was read");
  });

  it("changes nothing when the rows are the same, in whatever order they come (L3)", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect();
    await fixture.makeTable(
      `SELECT * FROM (${focusRowsSql(FOCUS_SAMPLE)}) ORDER BY hash(BilledCost, ChargePeriodStart)`,
    );
    expect((await fixture.collect()).map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
    expect(fixture.deps.published).toHaveLength(2);
  });

  it("keeps what was known before at the level of the cube (L4)", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect();
    const before = fixture.clock.now();
    const total = (await fixture.report(["provider"])).totals;
    await fixture.makeTable(`SELECT * REPLACE (BilledCost * 2 AS BilledCost) FROM (${focusRowsSql(FOCUS_SAMPLE)})`);
    fixture.clock.advance(3_600_000);
    expect((await fixture.collect()).map(({ status }) => status)).toEqual(["replaced", "replaced"]);
    expect((await fixture.report(["provider"], { asOf: before })).totals).toEqual(total);
    expect((await fixture.report(["provider"])).totals).not.toEqual(total);
  });

  it("follows a change of the allocation rules without asking BigQuery again", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect();
    fixture.stub.queries.length = 0;
    const allocation = allocationOf({ labels: { team: { keys: ["org", "business_unit"], aliases: {} } } });
    expect(await fixture.cube(fixture.deps, { allocation })).toEqual(
      await fixture.cube(await fixture.copied(), { allocation }),
    );
    expect(fixture.stub.queries).toEqual([]);
  });

  it("keeps apart what budget scopes name", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect(SOURCE, { on: { ...fixture.deps, scopeColumns: ["resource_id"] } });
    const query = { scopeColumns: ["resource_id"] };
    expect(await fixture.cube(fixture.deps, query)).toEqual(await fixture.cube(await fixture.copied(), query));
  });

  it("says so when a scope names a column that the groups do not keep apart", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    await fixture.collect();
    await expect(fixture.cube(fixture.deps, { scopeColumns: ["sku_id"] })).rejects.toThrow(
      "the daily groups of 2024-09 that were read in place do not keep sku_id apart",
    );
  });

  it("reads floats by their decimal text", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE, "DOUBLE"));
    const [run] = await fixture.collect();
    expect(run).toMatchObject({ status: "replaced" });
    const amounts = (rows: SqlRow[]) =>
      rows.map(({ billed, effective, list, contracted }) => [billed, effective, list, contracted]);
    expect(amounts(await fixture.cube(fixture.deps))).toEqual(amounts(await fixture.cube(await fixture.copied())));
  });

  it("fills a cost that is missing as copying does, when no price tells it (UP-3)", async () => {
    const file = path.join(await folders.make(), "focus.csv");
    const rows = focusRowsSql(FOCUS_SAMPLE);
    const gaps = "CASE WHEN hash(ResourceId) % 3 = 0 THEN NULL ELSE ListCost END AS ListCost, NULL AS ListUnitPrice";
    await fixture.stub.run(`COPY (SELECT * REPLACE (${gaps}) FROM (${rows})) TO '${file}' (HEADER)`);
    await fixture.makeTable(`SELECT * REPLACE (${gaps}) FROM (${rows})`);
    await fixture.collect();
    const other = await fixture.newDeps();
    await fixture.collect({ ...FROM_FILE, location: file }, { on: other });
    expect(await fixture.cube(fixture.deps)).toEqual(await fixture.cube(other));
  });
});
