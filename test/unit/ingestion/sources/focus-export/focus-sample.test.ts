import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { checkConformance } from "../../../../../shared/ingestion/focus/conformance.ts";
import { focusRowsSql } from "../../../../../shared/ingestion/focus/schema.ts";
import { focusExportSource } from "../../../../../shared/ingestion/sources/focus-export/index.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { FIXTURES, withBill } from "../support.ts";

const CONFIG: SourceConfigOf<"focus-export"> = { id: "any", type: "focus-export", location: "." };
const SAMPLE = { path: path.join(FIXTURES, "focus_sample_1.0_half.csv") };

interface Sums {
  rows: number;
  BilledCost: string;
  EffectiveCost: string;
}

async function expectedSums(key: string): Promise<Record<string, Sums>> {
  const all = JSON.parse(await readFile(path.join(FIXTURES, "expected.json"), "utf8")) as {
    files: Record<string, Record<string, Record<string, Sums>>>;
  };
  return all.files["focus_sample_1.0_half.csv"]?.[key] ?? {};
}

async function sumsBy(engine: SqlEngine, mapping: string, key: string): Promise<Record<string, Sums>> {
  const rows =
    await engine.query(`SELECT ${key} AS k, count(*)::INTEGER AS n, rtrim(rtrim(sum(BilledCost)::VARCHAR, '0'), '.') AS b,
    rtrim(rtrim(sum(EffectiveCost)::VARCHAR, '0'), '.') AS e FROM (${mapping}) GROUP BY ALL`);
  return Object.fromEntries(
    rows.map((row) => [
      String(row["k"]),
      { rows: Number(row["n"]), BilledCost: String(row["b"]), EffectiveCost: String(row["e"]) },
    ]),
  );
}

describe("focus-export on the published FOCUS 1.0 sample", () => {
  it.each([
    ["by_charge_category", "ChargeCategory"],
    ["by_billing_period", "strftime(BillingPeriodStart, '%Y-%m')"],
    ["by_provider", "HostProviderName"],
    ["by_provider_and_charge_category", "HostProviderName || '|' || ChargeCategory"],
  ])("reproduces %s of expected.json", async (key, sql) => {
    const found = await withBill(focusExportSource, CONFIG, [SAMPLE], (bill, engine) =>
      sumsBy(engine, bill.mapping, sql),
    );

    expect(found).toEqual(await expectedSums(key));
  });

  it("equals its control totals to the last digit (INV-1) and balances its rows (INV-6)", async () => {
    const { difference, accounting } = await withBill(focusExportSource, CONFIG, [SAMPLE], async (bill, engine) => ({
      difference: await engine.query(`
        WITH mapped AS (
          SELECT strftime(BillingPeriodStart, '%Y-%m') AS billing_period, BillingCurrency AS currency, sum(BilledCost) AS b, sum(EffectiveCost) AS e
          FROM (${bill.mapping}) GROUP BY ALL
        )
        SELECT c.billing_period, c.metric, (CASE metric WHEN 'BilledCost' THEN b ELSE e END - c.amount)::VARCHAR AS difference
        FROM (${bill.control}) c LEFT JOIN mapped USING (billing_period, currency) ORDER BY ALL`),
      accounting: await engine.query(bill.accounting),
    }));

    expect(difference).toEqual(
      ["2024-09", "2024-10"].flatMap((billing_period) =>
        ["BilledCost", "EffectiveCost"].map((metric) => ({
          billing_period,
          metric,
          difference: "0.000000000000000000",
        })),
      ),
    );
    expect(accounting).toEqual([{ label: "source", rows: "523" }]);
  });

  it("fills what 1.0 lacks (UP-2, UP-3, UP-4) and gives rows that are refused by no rule", async () => {
    const { report, filled, providers } = await withBill(focusExportSource, CONFIG, [SAMPLE], async (bill, engine) => {
      const columns = (await engine.query(`DESCRIBE ${bill.mapping}`)).map((row) => ({
        name: String(row["column_name"]),
        type: String(row["column_type"]),
      }));
      await engine.run(`CREATE TABLE focus_rows AS ${focusRowsSql(bill.mapping, columns)}`);
      return {
        report: await checkConformance(engine, "focus_rows", { nativeExport: true }),
        filled: await engine.query(
          "SELECT x_CostFilled, count(*)::INTEGER AS n FROM focus_rows WHERE x_CostFilled IS NOT NULL GROUP BY ALL",
        ),
        providers: await engine.query(
          "SELECT DISTINCT x_SourceProviderName, x_SourcePublisherName, HostProviderName, ServiceProviderName FROM focus_rows ORDER BY ALL",
        ),
      };
    });

    expect(report.rows).toBe(523);
    expect(report.rules.map(({ id, severity, rows }) => [id, severity, rows])).toEqual([
      ["service:OneCategory", "warning", 288],
      ["price:List", "warning", 16],
      ["price:Contracted", "warning", 10],
      ["pricing-category:Missing", "warning", 2],
      ["negative:ContractedUnitPrice", "warning", 1],
    ]);
    expect(filled).toEqual([{ x_CostFilled: "ContractedCost", n: 2 }]);
    expect(providers.length).toBe(6);
    expect(providers).toContainEqual({
      x_SourceProviderName: "AWS",
      x_SourcePublisherName: "Red Hat Inc.",
      HostProviderName: "AWS",
      ServiceProviderName: "Red Hat Inc.",
    });
  });
});
