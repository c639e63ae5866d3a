import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bill } from "../../../../shared/ingestion/sources/bill.ts";
import { convertBill } from "../../../../shared/ledger/collect/convert.ts";
import { createDuckDbEngine } from "../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../../support/collect-deps.ts";

const folders = createFolders();
let engine: SqlEngine;
beforeAll(async () => {
  engine = await createDuckDbEngine({ tempDir: await folders.make() });
  await engine.run("CREATE TEMP TABLE bill (source_file VARCHAR, cost VARCHAR)");
});
afterAll(async () => {
  await engine.close();
  await folders.clean();
});

interface Charge {
  month: string;
  cost: string;
  currency?: string;
}

function mappingOf(charges: readonly Charge[]): string {
  const rows = charges.map(({ month, cost, currency = "USD" }) => {
    const start = `TIMESTAMP '${month}-01'`;
    return `SELECT '${cost}'::DECIMAL(38,18) AS BilledCost, '${cost}'::DECIMAL(38,18) AS EffectiveCost, '${currency}' AS BillingCurrency,
      ${start} AS BillingPeriodStart, ${start} + INTERVAL 1 MONTH AS BillingPeriodEnd, ${start} AS ChargePeriodStart,
      ${start} + INTERVAL 1 DAY AS ChargePeriodEnd, 'Usage' AS ChargeCategory, 'AWS' AS HostProviderName`;
  });
  return rows.join(" UNION ALL ");
}

function billOf(charges: readonly Charge[], over: Partial<Bill> = {}): Bill {
  return {
    mapping: mappingOf(charges),
    accounting: `SELECT 'source' AS label, ${charges.length}::BIGINT AS rows`,
    checks: [],
    parsedColumns: [],
    messages: [],
    ...over,
  };
}

const convert = async (bill: Bill) => convertBill(engine, bill, [], { workDir: await folders.make(), nativeExport: false });
const control = (...totals: [month: string, amount: string][]) =>
  totals.map(([month, amount]) => `SELECT '${month}' AS billing_period, 'USD' AS currency, 'BilledCost' AS metric, '${amount}'::DECIMAL(38,18) AS amount`).join(" UNION ALL ");

describe("convertBill", () => {
  it("splits rows and sums by billing period and currency", async () => {
    const { periods } = await convert(
      billOf([
        { month: "2024-09", cost: "1.5" },
        { month: "2024-08", cost: "100" },
        { month: "2024-09", cost: "-0.5" },
        { month: "2024-09", cost: "7", currency: "EUR" },
      ]),
    );
    expect(periods.map(({ billingPeriod, rows, totals, providers }) => ({ billingPeriod, rows, totals, providers }))).toEqual([
      { billingPeriod: "2024-08", rows: 1, totals: [{ currency: "USD", billed: "100", effective: "100", absoluteBilled: "100" }], providers: ["aws"] },
      {
        billingPeriod: "2024-09",
        rows: 3,
        totals: [
          { currency: "EUR", billed: "7", effective: "7", absoluteBilled: "7" },
          { currency: "USD", billed: "1", effective: "1", absoluteBilled: "2" },
        ],
        providers: ["aws"],
      },
    ]);
    for (const { files, rows } of periods) {
      const [counted] = await engine.query(`SELECT count(*) AS n FROM read_parquet(['${files.join("', '")}'])`);
      expect(Number(counted?.["n"])).toBe(rows);
    }
  });

  it("INV-6: does not go on when rows are missing or too many", async () => {
    const bill = billOf([{ month: "2024-09", cost: "1" }], { accounting: "SELECT 'source' AS label, 2::BIGINT AS rows UNION ALL SELECT 'dropped', 0" });
    await expect(convert(bill)).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("2 rows expected, 1 made") });
  });

  it("says what the mapping dropped and added", async () => {
    const bill = billOf([{ month: "2024-09", cost: "1" }], {
      accounting: "SELECT 'source' AS label, 3::BIGINT AS rows UNION ALL SELECT 'totals', -3 UNION ALL SELECT 'credits', 1 UNION ALL SELECT 'nothing', 0",
      messages: ["said before"],
      warnings: [{ message: "odd", sql: "SELECT 'x' AS value FROM range(4)" }],
    });
    expect((await convert(bill)).messages).toEqual(["said before", 'odd (4 rows, e.g. "x")', "3 source rows − 3 totals + 1 credits"]);
  });

  it("L1: refuses a bill of which a whole period that the source totals has no rows", async () => {
    const charges = [{ month: "2024-09", cost: "1" }];
    await expect(convert(billOf(charges, { control: control(["2024-09", "1"], ["2024-10", "5"]) }))).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("2024-10"),
    });
    const whole = await convert(billOf(charges, { control: control(["2024-09", "1"], ["2024-10", "0"]) }));
    expect(whole.periods).toHaveLength(1);
  });

  it("refuses what a check finds, with the place it names", async () => {
    const checks = [{ message: "no dates", sql: "SELECT 'nobody.csv' AS source_file, 7 AS row, 'Day' AS column_name, '03/04' AS value" }];
    await expect(convert(billOf([], { checks, mapping: mappingOf([{ month: "2024-09", cost: "1" }]) }))).rejects.toMatchObject({
      code: "refused",
      message: 'no dates: "03/04" (row 7, column Day)',
    });
  });
});
