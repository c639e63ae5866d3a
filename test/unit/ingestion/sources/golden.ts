import { readFile } from "node:fs/promises";
import path from "node:path";
import { formatDecimal, parseDecimal } from "../../../../shared/core/decimal.ts";
import { type BrokenRule, checkConformance } from "../../../../shared/ingestion/focus/conformance.ts";
import { focusRowsSql } from "../../../../shared/ingestion/focus/schema.ts";
import type { Bill } from "../../../../shared/ingestion/sources/bill.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { FIXTURES } from "./support.ts";

/** Rows and sums of one group, with sums rounded half-even to the engine's 18 digits. */
export interface Sums {
  rows: number;
  BilledCost: string;
  EffectiveCost: string;
}

export type Groups = Record<string, Sums>;

export interface Commitment {
  purchase_billed: string;
  purchase_effective: string;
  used_effective: string;
  unused_effective: string;
}

/** One entry of `expected.json`. */
export interface Expected {
  focus_rows: number;
  total: Sums;
  by_commitment?: Record<string, Commitment>;
  control: Record<string, unknown>;
  [key: string]: unknown;
}

export async function expectedOf(file: string): Promise<Expected> {
  const all = JSON.parse(await readFile(path.join(FIXTURES, "expected.json"), "utf8")) as {
    files: Record<string, Expected>;
  };
  const found = all.files[file];
  if (found === undefined) throw new Error(`expected.json has nothing about ${file}`);
  return found;
}

/** A grouping of `expected.json` as the engine would print it. */
export function groupsOf(expected: Expected, key: string): Groups {
  const groups = expected[key] as Groups;
  return Object.fromEntries(
    Object.entries(groups).map(([name, sums]) => [
      name,
      { rows: sums.rows, BilledCost: plain(sums.BilledCost), EffectiveCost: plain(sums.EffectiveCost) },
    ]),
  );
}

/** The same grouping of a mapping's rows; `key` is SQL over FOCUS and `x_` columns. */
export async function sumsBy(engine: SqlEngine, bill: Bill, key: string): Promise<Groups> {
  const rows = await engine.query(`SELECT coalesce((${key})::VARCHAR, 'null') AS name, count(*)::INTEGER AS n,
    sum(BilledCost)::VARCHAR AS billed, sum(EffectiveCost)::VARCHAR AS effective FROM (${bill.mapping}) GROUP BY ALL`);
  return Object.fromEntries(
    rows.map((row) => [
      String(row["name"]),
      {
        rows: Number(row["n"]),
        BilledCost: plain(String(row["billed"])),
        EffectiveCost: plain(String(row["effective"])),
      },
    ]),
  );
}

export async function commitmentsOf(engine: SqlEngine, bill: Bill): Promise<Record<string, Commitment>> {
  const sum = (column: string, when: string) => `coalesce(sum(${column}) FILTER (WHERE ${when}), 0)::VARCHAR`;
  const rows = await engine.query(`SELECT CommitmentDiscountId AS id,
      ${sum("BilledCost", "ChargeCategory = 'Purchase'")} AS pb, ${sum("EffectiveCost", "ChargeCategory = 'Purchase'")} AS pe,
      ${sum("EffectiveCost", "CommitmentDiscountStatus = 'Used'")} AS used, ${sum("EffectiveCost", "CommitmentDiscountStatus = 'Unused'")} AS unused
    FROM (${bill.mapping}) WHERE CommitmentDiscountId IS NOT NULL GROUP BY ALL`);
  return Object.fromEntries(
    rows.map((row) => [
      String(row["id"]),
      {
        purchase_billed: plain(String(row["pb"])),
        purchase_effective: plain(String(row["pe"])),
        used_effective: plain(String(row["used"])),
        unused_effective: plain(String(row["unused"])),
      },
    ]),
  );
}

/** `2024-09 EUR BilledCost` → FOCUS rows − control total. */
export async function controlDifferences(engine: SqlEngine, bill: Bill): Promise<Record<string, string>> {
  const rows = await engine.query(`
    WITH mapped AS (
      SELECT strftime(BillingPeriodStart, '%Y-%m') AS billing_period, BillingCurrency AS currency,
        sum(BilledCost) AS billed, sum(EffectiveCost) AS effective FROM (${bill.mapping}) GROUP BY ALL
    )
    SELECT billing_period || ' ' || currency || ' ' || metric AS name,
      (CASE metric WHEN 'BilledCost' THEN billed ELSE effective END - amount)::VARCHAR AS difference
    FROM (${bill.control ?? ""}) LEFT JOIN mapped USING (billing_period, currency)`);
  return Object.fromEntries(rows.map((row) => [String(row["name"]), plain(String(row["difference"]))]));
}

/** Every rule of FOCUS 1.4 that the rows of a mapping break (`reference/focus.md` §5). */
export async function brokenRules(engine: SqlEngine, bill: Bill): Promise<BrokenRule[]> {
  const described = await engine.query(`DESCRIBE ${bill.mapping}`);
  const columns = described.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
  await engine.run(`CREATE OR REPLACE TABLE focus_rows AS ${focusRowsSql(bill.mapping, columns)}`);
  return (await checkConformance(engine, "focus_rows", { nativeExport: false })).rules;
}

/** Plain notation without trailing zeros. */
export function plain(text: string): string {
  return formatDecimal(parseDecimal(text));
}
