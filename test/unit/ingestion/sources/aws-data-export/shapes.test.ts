import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalName } from "../../../../../shared/ingestion/sources/aws-data-export/canonical-name.ts";
import { createDuckDbEngine } from "../../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type SqlRow, sqlText } from "../../../../../shared/ports/sql-engine.ts";
import { FIXTURES } from "../support.ts";
import { csvOf, mapBill, mapRows, pick, USAGE } from "./bill-text.ts";
import { conformanceFaults } from "./conformance.ts";

describe("canonicalName", () => {
  it.each([
    ["lineItem/UnblendedCost", "line_item_unblended_cost"],
    ["lineItem/LineItemType", "line_item_line_item_type"],
    ["savingsPlan/SavingsPlanARN", "savings_plan_savings_plan_a_r_n"],
    ["reservation/ReservationARN", "reservation_reservation_a_r_n"],
    ["product/regionCode", "product_region_code"],
    ["pricing/publicOnDemandCost", "pricing_public_on_demand_cost"],
    ["bill/PayerAccountId", "bill_payer_account_id"],
    ["LINE_ITEM_UNBLENDED_COST", "line_item_unblended_cost"],
  ])("brings %s to %s", (header, name) => {
    expect(canonicalName(header)).toBe(name);
  });
});

describe("AWS bills in other shapes", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "genops-aws-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** The fixture as AWS writes Parquet: doubles, timestamps, maps, and empty texts for nothing. */
  async function parquetOf(fixture: string, select: string): Promise<string> {
    const target = path.join(folder, `${fixture}.parquet`);
    const engine = await createDuckDbEngine({ tempDir: path.join(folder, "engine") });
    await engine.run(`COPY (SELECT ${select} FROM read_csv(${sqlText(`${FIXTURES}/${fixture}.csv`)}, all_varchar = true))
      TO ${sqlText(target)} (FORMAT parquet)`);
    await engine.close();
    return target;
  }

  const withoutOrder = (rows: SqlRow[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

  it("reads CUR 2.0 as Parquet with maps, doubles and timestamps like the CSV (X-1, X-3)", async () => {
    const maps = ["resource_tags", "product", "cost_category", "discount"].map(
      (name) => `${name}::JSON::MAP(VARCHAR, VARCHAR) AS ${name}`,
    );
    const typed = `* EXCLUDE (line_item_unblended_cost, line_item_usage_start_date)
        REPLACE (${maps.join(", ")}, coalesce(line_item_resource_id, '') AS line_item_resource_id),
      line_item_unblended_cost::DOUBLE AS line_item_unblended_cost, line_item_usage_start_date::TIMESTAMP AS line_item_usage_start_date`;
    const parquet = await mapBill([{ path: await parquetOf("aws_cur2_synth", typed) }]);
    const csv = await mapBill([{ path: `${FIXTURES}/aws_cur2_synth.csv` }]);
    // A map's numbers have no delivered text: only the blanks of the JSON differ.
    const plain = (rows: SqlRow[]): string[] => withoutOrder(rows.map((row) => ({ ...row, x_Discounts: null })));
    expect(plain(parquet.rows)).toEqual(plain(csv.rows));
    expect(parquet.control).toEqual(csv.control);
    expect(conformanceFaults(parquet.rows)).toEqual([]);
  });

  it("reads legacy Parquet names, tags included (AWS-9)", async () => {
    const engine = await createDuckDbEngine({ tempDir: path.join(folder, "legacy") });
    const target = path.join(folder, "legacy.parquet");
    const cells = Object.entries(USAGE).map(([name, value]) => `${sqlText(value)} AS ${name}`);
    await engine.run(`COPY (SELECT ${cells.join(", ")}, 'ml' AS resource_tags_user_team, '' AS resource_tags_user_project,
      'ci' AS resource_tags_aws_created_by, 'Labs' AS cost_category_unit) TO ${sqlText(target)} (FORMAT parquet)`);
    await engine.close();
    const { rows } = await mapBill([{ path: target }]);
    expect(pick(rows, "Tags", "x_CostCategories", "BilledCost")).toEqual([
      ['{"team": "ml", "aws:created_by": "ci"}', '{"unit": "Labs"}', "4"],
    ]);
  });

  it("reads gzip, and several parts with different headers as one bill", async () => {
    const { rows, control } = await mapBill([
      { name: "part-1.csv.gz", content: gzipSync(csvOf([{ ...USAGE, extra_column: "kept" }])) },
      { name: "part-2.csv", content: csvOf([USAGE]) },
    ]);
    expect(pick(rows, "x_extra_column", "BilledCost").sort()).toEqual([
      [null, "4"],
      ["kept", "4"],
    ]);
    expect(control[0]?.["amount"]).toBe("8.000000000000000000");
  });

  it("keeps legacy tag columns: bare user keys, prefixed provider keys, nothing for empty cells (AWS-9, X-5)", async () => {
    const row = {
      ...USAGE,
      "resourceTags/user:Team": "A",
      "resourceTags/user:team": "b",
      "resourceTags/user:empty": "",
      "resourceTags/aws:createdBy": "c",
    };
    const { rows } = await mapBill([{ content: csvOf([row]) }]);
    expect(rows[0]?.["Tags"]).toBe('{"Team": "A", "team": "b", "aws:createdBy": "c"}');
  });
});

describe("AWS bills that are hostile or odd", () => {
  it("keeps unknown columns under x_, without touching our own (X-6)", async () => {
    const { rows } = await mapRows([{ brand_new: "1", "lineItem/Novelty": "2", x_UsageType: "theirs" }]);
    expect(pick(rows, "x_brand_new", "x_lineItem/Novelty", "x_Source_x_UsageType", "x_UsageType")).toEqual([
      ["1", "2", "theirs", "BoxUsage:m5.large"],
    ]);
  });

  it("carries a 200,000-character tag, control characters and quotes unchanged", async () => {
    const long = "x".repeat(200_000);
    const { rows } = await mapRows([
      { resource_tags: JSON.stringify({ user_long: long, user_odd: "a\u0001\n'\",{" }) },
    ]);
    expect(JSON.parse(String(rows[0]?.["Tags"]))).toEqual({ long, odd: "a\u0001\n'\",{" });
  });

  it("refuses a file without the mandatory columns, naming all of them", async () => {
    await expect(mapBill([{ name: "other.csv", content: "a,b\n1,2\n" }])).rejects.toMatchObject({
      code: "refused",
      place: { file: "other.csv" },
      message: expect.stringMatching(
        /line_item_line_item_type.*line_item_unblended_cost.*usage_start_date.*currency_code.*payer_account_id/s,
      ),
    });
  });

  it("opens a bill with a number that cannot be read, so that the collector can point to it", async () => {
    await expect(mapRows([{ line_item_unblended_cost: "1.234,56" }])).rejects.toThrow("1.234,56");
  });

  it("lists every column whose values it parses", async () => {
    const { bill } = await mapRows([{}]);
    const mapping = await readFile(
      new URL("../../../../../shared/ingestion/sources/aws-data-export/mapping.sql", import.meta.url),
      "utf8",
    );
    const parsed = [...mapping.matchAll(/(?:money|instant)\((\w+)\)/g)].map(([, name]) => name as string);
    expect(bill.parsedColumns).toEqual(expect.arrayContaining(parsed));
    expect(parsed.length).toBeGreaterThan(5);
  });
});
