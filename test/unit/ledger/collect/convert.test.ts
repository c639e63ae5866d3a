import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bill, StagedDelivery } from "../../../../shared/ingestion/sources/bill.ts";
import { focusExportSource } from "../../../../shared/ingestion/sources/focus-export/index.ts";
import { convertBill } from "../../../../shared/ledger/collect/convert.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { createCollectDeps, createFolders } from "../../../support/collect-deps.ts";
import { writeFocusBill } from "../../../support/focus-bill.ts";

const folders = createFolders();
let engine: SqlEngine;
let workDir: string;
let delivery: StagedDelivery;
let bill: Bill;

afterAll(() => folders.clean());
afterEach(() => engine.close());

beforeEach(async () => {
  workDir = await folders.make();
  engine = await createCollectDeps(workDir).createEngine();
  const file = path.join(workDir, "bill.csv");
  await writeFocusBill(file, [{ billed: "1" }, { billed: "2", period: "2024-10" }]);
  const located = { path: file, name: "bill.csv", sizeBytes: 1, modifiedAt: new Date(0) };
  delivery = { role: "bill", files: [{ ...located, kind: "csv", readPath: file, sha256: "x", blank: false }] };
  const progress = { report: () => {}, note: () => {} };
  const source = { id: "any", type: "focus-export", location: "bill.csv" } as const;
  bill = await focusExportSource.open({ engine, source, deliveries: [delivery], progress });
});

const convert = (changes: Partial<Bill>, deliveries: StagedDelivery[] = [delivery]) =>
  convertBill(engine, { ...bill, ...changes }, deliveries, { workDir, nativeExport: true });

describe("convertBill", () => {
  it("splits rows by billing period and sums each", async () => {
    const { periods } = await convert({});
    expect(
      periods.map(({ billingPeriod, rows, totals, providers }) => [billingPeriod, rows, totals[0]?.billed, providers]),
    ).toEqual([
      ["2024-09", 1, "1", ["aws"]],
      ["2024-10", 1, "2", ["aws"]],
    ]);
  });

  it("refuses what a check finds, with its place", async () => {
    const file = delivery.files[0]?.readPath ?? "";
    const sql = `SELECT '${file}' AS source_file, 7 AS row, 'Colour' AS column_name, 'red' AS value`;
    await expect(convert({ checks: [{ message: "has a colour", sql }] })).rejects.toMatchObject({
      code: "refused",
      message: 'has a colour: "red" (file bill.csv, row 7, column Colour)',
    });
    const nowhere = "SELECT NULL AS source_file, NULL AS row, NULL AS column_name, 'red' AS value";
    await expect(convert({ checks: [{ message: "has a colour", sql: nowhere }] })).rejects.toMatchObject({ place: {} });
  });

  it("counts warnings and goes on", async () => {
    const warning = {
      message: "tags that are no JSON",
      sql: "SELECT NULL AS source_file, NULL AS row, NULL AS column_name, 'x' AS value FROM range(3)",
    };
    const { messages } = await convert({ warnings: [warning, { ...warning, sql: `${warning.sql} WHERE false` }] });
    expect(messages.filter((message) => message.startsWith("tags"))).toEqual([
      'tags that are no JSON (3 rows, e.g. "x")',
    ]);
  });

  it("INV-6: stops when rows are lost or made", async () => {
    const accounting = "SELECT 'source' AS label, 2 AS rows UNION ALL SELECT 'dropped', -1";
    await expect(convert({ accounting })).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("does not balance") as string,
    });
  });

  it("refuses a value that no ledger can hold, and finds it in the bill", async () => {
    const mapping = `SELECT * REPLACE (CASE WHEN BilledCost = 2 THEN 'XXX' ELSE BillingCurrency END AS BillingCurrency) FROM (${bill.mapping})`;
    await expect(convert({ mapping })).rejects.toMatchObject({ code: "refused", place: { file: "bill.csv" } });
  });

  it("gives a bill without control totals none", async () => {
    const { control, ...rest } = bill;
    expect(control).toBeDefined();
    const converted = await convertBill(engine, rest, [delivery], { workDir, nativeExport: false });
    expect(converted.control).toBeUndefined();
  });

  it("tells when mapping begins and ends, and over how many rows", async () => {
    const told: unknown[] = [];
    const progress = { report: (...report: unknown[]) => void told.push(report), note: () => {} };
    await convertBill(engine, bill, [delivery], { workDir, nativeExport: true, progress });
    expect(told).toEqual([0, 2].map((done) => ["mapping bill.csv", done, 2, "rows"]));
  });
});
