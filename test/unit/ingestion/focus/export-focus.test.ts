import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { downConvertSql } from "../../../../shared/ingestion/focus/down-convert.ts";
import { exportFocus } from "../../../../shared/ingestion/focus/export-focus.ts";
import { withBench } from "../input/support.ts";
import { type Cells, createRows } from "./rows.ts";

async function csvOf(
  changes: readonly Cells[],
  version: "1.0" | "1.2" | "1.4" = "1.4",
): Promise<Record<string, string>[]> {
  return withBench(async (bench) => {
    await createRows(bench.engine, "focus_rows", changes);
    const file = path.join(bench.folder, "out.csv");
    await exportFocus(bench.engine, "focus_rows", version, file);
    const rows = await bench.engine.query(
      `SELECT * FROM read_csv('${file}', all_varchar = true, nullstr = 'no such text')`,
    );
    expect((await readFile(file, "utf8")).endsWith("\n")).toBe(true);
    return rows as Record<string, string>[];
  });
}

describe("exportFocus to CSV", () => {
  it("writes dates as UTC instants (X-2), plain decimals (X-1) and null as the empty cell (X-3)", async () => {
    const [row] = await csvOf([
      { BilledCost: "-4.1E-7", EffectiveCost: "100", ListCost: "0.000000000000000001", ContractedCost: "-0.0" },
    ]);
    expect(row).toMatchObject({
      BilledCost: "-0.00000041",
      EffectiveCost: "100",
      ListCost: "0.000000000000000001",
      ContractedCost: "0",
      ChargePeriodStart: "2024-09-03T00:00:00Z",
      RegionId: "",
    });
  });

  it.each([
    ["=cmd()", "'=cmd()"],
    ["+SUM(A1)", "'+SUM(A1)"],
    ["-2+3", "'-2+3"],
    ["@import", "'@import"],
    ["\t=1", "'\t=1"],
    ["\r=1", "'\r=1"],
    ["-12.5", "-12.5"],
    ["+1e-7", "+1e-7"],
    ["a=1", "a=1"],
    ["'quoted", "'quoted"],
  ])("writes the text %j as %j, in FOCUS and x_ columns", async (text, written) => {
    const [row] = await csvOf([{ ChargeDescription: text, x_Note: text }]);
    expect([row?.["ChargeDescription"], row?.["x_Note"]]).toEqual([written, written]);
  });

  it("writes text with quotes, delimiters and line ends so that it can be read again", async () => {
    const text = 'a "b", c\r\nd\n;e';
    const [row] = await csvOf([{ ChargeDescription: text }]);
    expect(row?.["ChargeDescription"]).toBe(text);
  });

  it("refuses other kinds of files", async () => {
    await withBench(async (bench) => {
      await createRows(bench.engine, "focus_rows", [{}]);
      await expect(exportFocus(bench.engine, "focus_rows", "1.4", "out.xlsx")).rejects.toMatchObject({ code: "usage" });
    });
  });
});

describe("exportFocus to Parquet", () => {
  it("writes exact types and leaves text as it is", async () => {
    await withBench(async (bench) => {
      await createRows(bench.engine, "focus_rows", [{ ChargeDescription: "=cmd()" }]);
      const file = path.join(bench.folder, "it's.parquet");
      expect(await exportFocus(bench.engine, "focus_rows", "1.4", file)).toBe(1);
      const sql = "SELECT typeof(BilledCost) AS t, ChargeDescription AS d FROM read_parquet($1)";
      expect(await bench.engine.query(sql, [file])).toEqual([{ t: "DECIMAL(38,18)", d: "=cmd()" }]);
    });
  });
});

describe("down-conversion", () => {
  it("names the provider by who hosts, or by who sells where nobody hosts (DN-1)", async () => {
    const rows = await csvOf(
      [
        { HostProviderName: "AWS", ServiceProviderName: "Red Hat" },
        { HostProviderName: "Not Applicable", ServiceProviderName: "Acme SaaS" },
      ],
      "1.2",
    );
    expect(rows.map((row) => [row["ProviderName"], row["PublisherName"]])).toEqual([
      ["AWS", "Red Hat"],
      ["Acme SaaS", "Acme SaaS"],
    ]);
    expect(Object.keys(rows[0] ?? {}).length).toBe(57);
  });

  it("keeps what 1.0 lacks under x_ names (DN-2)", async () => {
    const [row] = await csvOf([{ InvoiceId: "INV-1", SkuMeter: "Hours", PricingCurrency: "EUR" }], "1.0");
    expect(row).toMatchObject({ x_InvoiceId: "INV-1", x_SkuMeterName: "Hours", x_PricingCurrency: "EUR" });
    expect(row).not.toHaveProperty("InvoiceId");
    expect(Object.keys(row ?? {}).length).toBe(46);
  });

  it("prefers a delivered provider name to a derived one, and its own x_ column to nothing", () => {
    const sql = downConvertSql("t", ["x_SourceProviderName", "x_SourcePublisherName", "x_InvoiceId", "team"], "1.0");
    expect(sql).toContain('coalesce(x_InvoiceId, InvoiceId) AS "x_InvoiceId"');
    expect(sql).toContain("coalesce(x_SourceProviderName,");
    expect(sql).not.toContain("team");
  });
});
