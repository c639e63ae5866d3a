import { describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { checkConformance } from "../../../../../shared/ingestion/focus/conformance.ts";
import { focusRowsSql } from "../../../../../shared/ingestion/focus/schema.ts";
import { customSource } from "../../../../../shared/ingestion/sources/custom/index.ts";
import { mapFiles, withBill } from "../support.ts";

const SELECT = `
  SELECT money("Amount (EUR)") AS BilledCost, "Currency" AS BillingCurrency, 'acme-1' AS BillingAccountId,
    instant("Day") AS ChargePeriodStart, instant("Day") + INTERVAL 1 DAY AS ChargePeriodEnd, 'Usage' AS ChargeCategory,
    "Service" AS ServiceName, 'Acme Cloud' AS ServiceProviderName, "Note" AS x_Note
  FROM bill; -- the trailing remark is fine`;

const BILL = {
  name: "acme.csv",
  content: 'Day;Service;"Amount (EUR)";Currency;Note\n2024-09-01;Queue;1.25;EUR;\n2024-09-02;Queue;4.1E-7;EUR;=cmd()\n',
};

function config(sql: string): SourceConfigOf<"custom"> {
  return { id: "acme", type: "custom", location: ".", sql };
}

describe("custom source", () => {
  it("maps a bill by the user's own SELECT, fills what FOCUS wants and keeps x_ columns", async () => {
    const { rows, accounting, control, bill } = await mapFiles(customSource, config(SELECT), [BILL]);

    expect(
      rows.map((row) => [row["BilledCost"], row["EffectiveCost"], row["BillingPeriodStart"], row["x_Note"]]),
    ).toEqual([
      ["1.250000000000000000", "1.250000000000000000", "2024-09-01 00:00:00", null],
      ["0.000000410000000000", "0.000000410000000000", "2024-09-01 00:00:00", "=cmd()"],
    ]);
    expect(accounting).toEqual([
      { label: "source", rows: "2" },
      { label: "by the SELECT", rows: "0" },
    ]);
    expect(control).toEqual([]);
    expect(bill.control).toBeUndefined();
  });

  it("gives rows that break no rule of FOCUS 1.4", async () => {
    const report = await withBill(customSource, config(SELECT), [BILL], async (bill, engine) => {
      const columns = (await engine.query(`DESCRIBE ${bill.mapping}`)).map((row) => ({
        name: String(row["column_name"]),
        type: String(row["column_type"]),
      }));
      await engine.run(`CREATE TABLE focus_rows AS ${focusRowsSql(bill.mapping, columns)}`);
      return checkConformance(engine, "focus_rows", { nativeExport: false });
    });

    expect(report.rules).toEqual([]);
    expect(report.rows).toBe(2);
  });

  it("takes money and dates that the SELECT leaves as text, and numbers of other types", async () => {
    const sql = `SELECT "Amount (EUR)" AS BilledCost, 1.5::DOUBLE AS EffectiveCost, 3 AS ListCost, 'EUR' AS BillingCurrency, 'a' AS BillingAccountId,
      "Day" AS chargeperiodstart, DATE '2024-09-30' AS ChargePeriodEnd, 'Usage' AS ChargeCategory, '' AS RegionId, 's' AS ServiceName,
      'Acme' AS HostProviderName, {'a': 1} AS Tags FROM bill`;
    const { rows } = await mapFiles(customSource, config(sql), [BILL]);

    expect(rows[0]).toMatchObject({
      BilledCost: "1.250000000000000000",
      EffectiveCost: "1.500000000000000000",
      ListCost: "3.000000000000000000",
      ChargePeriodStart: "2024-09-01 00:00:00",
      ChargePeriodEnd: "2024-09-30 00:00:00",
      RegionId: null,
      ServiceProviderName: "Acme",
      Tags: '{"a":1}',
    });
  });

  it("takes currency and billing account from the configuration, and refuses a SELECT without them", async () => {
    const sql = `SELECT '1' AS BilledCost, "Day" AS ChargePeriodStart, '2024-10-01' AS ChargePeriodEnd, 'Usage' AS ChargeCategory,
      "Service" AS ServiceName, 'Acme' AS ServiceProviderName FROM bill`;
    const { rows } = await mapFiles(customSource, { ...config(sql), currency: "CHF", billingAccountId: "007" }, [BILL]);

    expect(rows[0]).toMatchObject({ BillingCurrency: "CHF", PricingCurrency: "CHF", BillingAccountId: "007" });
    await expect(mapFiles(customSource, config(sql), [BILL])).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("no BillingCurrency, BillingAccountId"),
    });
  });

  it("refuses columns that are neither FOCUS nor x_", async () => {
    const sql = `SELECT *, 1 AS BilledCost FROM (${SELECT.replace(/;.*/, "").replace('"Note" AS x_Note', '"Note" AS BiledCost')}) AS t`;
    await expect(mapFiles(customSource, config(sql), [BILL])).rejects.toThrow(/no FOCUS 1.4 column: BiledCost/);
  });

  it.each([
    ["a file behind a table function", "SELECT content FROM read_text('/etc/hostname')"],
    ["a file behind a path", "SELECT * FROM '/etc/hostname'"],
    ["a file in a subquery", "SELECT (SELECT max(column0) FROM read_csv_auto('/etc/hostname')) AS x FROM bill"],
    [
      "a file behind a CTE of the same name elsewhere",
      `SELECT * FROM "/etc/a.csv", (WITH "/etc/a.csv" AS (SELECT 1) SELECT 1)`,
    ],
    ["a system table", "SELECT * FROM duckdb_settings()"],
    ["another catalog", "SELECT * FROM information_schema.tables"],
    ["a query in a text", "SELECT * FROM query('SELECT 1')"],
    ["a folder listing", "SELECT * FROM glob('/etc/*')"],
    ["the environment", "SELECT getenv('HOME') AS x_Home FROM bill"],
    ["a COPY", "COPY (SELECT 1) TO '/tmp/genops-never-written'"],
    ["an ATTACH", "ATTACH '/tmp/genops-never-written.db' AS d"],
    ["an INSTALL", "INSTALL httpfs"],
    ["a PRAGMA", "PRAGMA version"],
    ["a SET", "SET threads = 1"],
    ["two statements", "SELECT 1 AS x_A FROM bill; SELECT 2 AS x_B FROM bill"],
    ["nothing", "  "],
    ["no SQL", "BilledCost = Amount"],
    ["a column that the bill lacks", 'SELECT "Betrag" AS BilledCost FROM bill'],
    ["table listing", "SELECT * FROM (SHOW ALL TABLES)"],
  ])("refuses %s as a configuration error", async (_what, sql) => {
    await expect(mapFiles(customSource, config(sql), [BILL])).rejects.toMatchObject({
      code: "config",
      place: { field: "sql" },
    });
  });

  it("allows common table expressions, joins of the bill with itself and unnest", async () => {
    const sql = `WITH days AS (SELECT DISTINCT "Day" FROM bill), parts AS (SELECT unnest([1, 2]) AS part)
      SELECT bill."Amount (EUR)" AS BilledCost, 'EUR' AS BillingCurrency, 'a' AS BillingAccountId, days."Day" AS ChargePeriodStart,
        '2024-10-01' AS ChargePeriodEnd, 'Usage' AS ChargeCategory, 's' AS ServiceName, 'Acme' AS HostProviderName, part AS x_Part
      FROM bill JOIN days USING ("Day"), parts`;
    const { rows, accounting } = await mapFiles(customSource, config(sql), [BILL]);
    expect(rows.length).toBe(4);
    expect(accounting).toContainEqual({ label: "by the SELECT", rows: "2" });
  });

  it("keeps apart headers that repeat or differ only by case", async () => {
    const sql = `SELECT "Cost" AS BilledCost, "cost_2" AS EffectiveCost, "Cost_3" AS ListCost, 'EUR' AS BillingCurrency, 'a' AS BillingAccountId,
      '2024-09-01' AS ChargePeriodStart, '2024-10-01' AS ChargePeriodEnd, 'Usage' AS ChargeCategory, 's' AS ServiceName, 'A' AS HostProviderName FROM bill`;
    const { rows } = await mapFiles(customSource, config(sql), [{ name: "a.csv", content: "Cost,cost,Cost\n1,2,3\n" }]);
    expect([rows[0]?.["BilledCost"], rows[0]?.["EffectiveCost"], rows[0]?.["ListCost"]]).toEqual(
      [1, 2, 3].map((n) => `${n}.000000000000000000`),
    );
  });
});
