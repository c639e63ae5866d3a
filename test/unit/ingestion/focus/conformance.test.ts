import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { checkConformance, refusingChecks } from "../../../../shared/ingestion/focus/conformance.ts";
import { ROW_RULES } from "../../../../shared/ingestion/focus/conformance-rules.ts";
import { FOCUS_COLUMNS } from "../../../../shared/ingestion/focus/schema.ts";
import { withBench } from "../input/support.ts";
import { type Cells, createRows } from "./rows.ts";

async function reportOf(changes: readonly Cells[], nativeExport = false) {
  return withBench(async ({ engine }) => {
    await createRows(engine, "focus_rows", changes);
    return checkConformance(engine, "focus_rows", { nativeExport });
  });
}

const NEVER_NULL = FOCUS_COLUMNS.filter((column) => !column.allowNulls).map(({ name }) => name);
const COMMITMENT = {
  CommitmentDiscountId: "sp-1",
  CommitmentDiscountCategory: "Spend",
  CommitmentDiscountType: "Savings Plan",
  CommitmentDiscountStatus: "Used",
};
const NO_USAGE = { ConsumedQuantity: null, ConsumedUnit: null };
const TAX = {
  ChargeCategory: "Tax",
  ChargeFrequency: "One-Time",
  PricingCategory: null,
  PricingQuantity: null,
  PricingUnit: null,
  SkuId: null,
  SkuPriceId: null,
  ListUnitPrice: null,
  ContractedUnitPrice: null,
  ...NO_USAGE,
};

describe("checkConformance", () => {
  it("finds nothing wrong with good rows of each kind and says how many rules it checked", async () => {
    const report = await reportOf([
      {},
      COMMITMENT,
      { ...COMMITMENT, CommitmentDiscountStatus: "Unused", ...NO_USAGE },
      { ChargeCategory: "Purchase", ChargeFrequency: "One-Time", ...NO_USAGE },
      TAX,
      { ChargeClass: "Correction", ListCost: "-7", BilledCost: "-1" },
      { SubAccountId: "1", SubAccountType: "Account" },
      { AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":0.4}]}', ContractApplied: "[]", Tags: null },
    ]);
    expect(report.rules).toEqual([]);
    expect(report.rows).toBe(8);
    expect(report.checked).toBeGreaterThan(130);
  });

  it("finds nothing in no rows", async () => {
    await withBench(async ({ engine }) => {
      await createRows(engine, "focus_rows", [{}]);
      await engine.run("DELETE FROM focus_rows");
      expect(await checkConformance(engine, "focus_rows", { nativeExport: false })).toMatchObject({
        rows: 0,
        rules: [],
      });
    });
  });

  it.each(NEVER_NULL)("reports an empty %s", async (name) => {
    const report = await reportOf([{}, { [name]: null }]);
    expect(report.rules).toContainEqual(
      expect.objectContaining({
        id: `not-null:${name}`,
        severity: "error",
        rows: 1,
        examples: [{ column: name, value: null }],
      }),
    );
  });

  const cases: readonly [string, Cells, string | null][] = [
    ["allowed:ChargeCategory", { ChargeCategory: "usage", ...NO_USAGE }, "usage"],
    ["allowed:ChargeFrequency", { ChargeFrequency: "Other" }, "Other"],
    ["allowed:ChargeClass", { ChargeClass: "" }, ""],
    ["allowed:ServiceCategory", { ServiceCategory: "Cloud", ServiceName: "s" }, "Cloud"],
    ["parent:ServiceSubcategory", { ServiceSubcategory: "Object Storage" }, "Object Storage"],
    ["currency:BillingCurrency", { BillingCurrency: "BTC" }, "BTC"],
    ["currency:PricingCurrency", { PricingCurrency: "usd" }, "usd"],
    ["negative:ListUnitPrice", { ListUnitPrice: "-1", ListCost: "-2" }, "-1.000000000000000000"],
    ["order:ChargePeriod", { ChargePeriodEnd: "2024-09-02" }, "2024-09-02 00:00:00"],
    ["empty:ChargePeriod", { ChargePeriodEnd: "2024-09-03" }, "2024-09-03 00:00:00"],
    ["order:BillingPeriod", { BillingPeriodEnd: "2024-09-01" }, "2024-09-01 00:00:00"],
    ["month:BillingPeriod", { BillingPeriodStart: "2024-09-02" }, "2024-09-02 00:00:00"],
    ["commitment:CategoryWithoutId", { CommitmentDiscountCategory: "Spend" }, "Spend"],
    ["commitment:TypeWithoutId", { CommitmentDiscountType: "Plan" }, "Plan"],
    ["commitment:StatusWithoutId", { CommitmentDiscountStatus: "Used" }, "Used"],
    ["commitment:IdWithoutCategory", { ...COMMITMENT, CommitmentDiscountCategory: null }, null],
    ["commitment:IdWithoutType", { ...COMMITMENT, CommitmentDiscountType: null }, null],
    ["commitment:UsageWithoutStatus", { ...COMMITMENT, CommitmentDiscountStatus: null }, null],
    ["unit:Consumed", { ConsumedUnit: null }, null],
    ["unit:Pricing", { PricingQuantity: null }, "Hours"],
    ["unit:CommitmentDiscount", { CommitmentDiscountUnit: "Hours" }, "Hours"],
    ["quantity:Consumed", { ChargeCategory: "Purchase", ChargeFrequency: "Recurring" }, "2.000000000000000000"],
    ["quantity:Tax", { ...TAX, PricingQuantity: "1", PricingUnit: "x" }, "1.000000000000000000"],
    ["price:List", { ListCost: "2.00001" }, "2.000010000000000000"],
    ["price:Contracted", { ContractedUnitPrice: "0.0000000000001", ContractedCost: "1" }, "1.000000000000000000"],
    ["pricing-category:Missing", { PricingCategory: null }, null],
    ["pricing-category:Tax", { ...TAX, PricingCategory: "Standard" }, "Standard"],
    ["frequency:Purchase", { ChargeCategory: "Purchase", ...NO_USAGE }, "Usage-Based"],
    ["sub-account:Type", { SubAccountId: "1" }, null],
    ["sku:Tax", { ...TAX, SkuId: "S" }, "S"],
    ["sku-price:Tax", { ...TAX, SkuPriceId: "S" }, "S"],
    ["json:Tags", { Tags: '{"a": ' }, '{"a": '],
    ["flat:Tags", { Tags: '{"a": {"b": 1}}' }, '{"a": {"b": 1}}'],
    ["flat:SkuPriceDetails", { SkuPriceDetails: "[1]" }, "[1]"],
    ["shape:AllocatedMethodDetails", { AllocatedMethodDetails: '{"elements": []}' }, '{"elements": []}'],
  ];

  it.each(cases)("reports %s, and nothing else", async (id, change, value) => {
    const report = await reportOf([{}, change]);
    const column = report.rules[0]?.examples[0]?.column;
    expect(report.rules).toEqual([
      expect.objectContaining({ id, severity: "error", rows: 1, examples: [{ column, value }] }),
    ]);
  });

  it("reports a service in two categories and a price in two SKUs", async () => {
    const report = await reportOf([
      {},
      { ServiceCategory: "Storage", ServiceSubcategory: "Object Storage", SkuPriceId: "SKU1.B" },
      { SkuId: "SKU2" },
      { ServiceName: "Other", SkuPriceId: null },
    ]);
    expect(report.rules.map(({ id, rows }) => [id, rows])).toEqual([
      ["service:OneCategory", 3],
      ["sku-price:OneSku", 2],
    ]);
  });

  it("accepts printed prices within a millionth and within the rounding of tiny costs, and does not overflow on absurd ones", async () => {
    const report = await reportOf([
      { ListUnitPrice: "333333.333333", PricingQuantity: "3", ListCost: "1000000", ContractedUnitPrice: null },
      {
        ListUnitPrice: "0.0000004",
        PricingQuantity: "0.00023552030",
        ListCost: "0.0000000001",
        ContractedUnitPrice: null,
      },
      { ListUnitPrice: "99999999999", PricingQuantity: "99999999999", ListCost: "1", ContractedUnitPrice: null },
    ]);
    expect(report.rules).toEqual([]);
  });

  it("shows at most three examples, long values cut", async () => {
    const report = await reportOf(
      ["a", "b", "c", "d".repeat(5000)].map((ServiceCategory) => ({ ServiceCategory, ServiceName: ServiceCategory })),
    );
    const found = report.rules.find(({ id }) => id === "allowed:ServiceCategory");
    expect(found?.rows).toBe(4);
    expect(found?.examples.length).toBe(3);
    expect(Math.max(...(found?.examples ?? []).map(({ value }) => value?.length ?? 0))).toBeLessThanOrEqual(120);
  });

  it("only warns about the known gaps of a native export, and still refuses what cannot be counted", async () => {
    const report = await reportOf([{ ListCost: "0", SubAccountId: "1" }, { BilledCost: null }], true);
    expect(report.rules.map(({ id, severity, refuses }) => [id, severity, refuses])).toEqual([
      ["not-null:BilledCost", "error", true],
      ["price:List", "warning", false],
      ["sub-account:Type", "warning", false],
    ]);
  });

  it("refuses rows of nobody: without a billing account", async () => {
    const report = await reportOf([{ BillingAccountId: null }], true);
    expect(report.rules.map(({ id, refuses }) => [id, refuses])).toEqual([["not-null:BillingAccountId", true]]);
  });

  it("reports a column whose type was changed", async () => {
    await withBench(async ({ engine }) => {
      await createRows(engine, "focus_rows", [{}]);
      await engine.run("ALTER TABLE focus_rows ALTER BilledCost TYPE DECIMAL(18,6)");
      const report = await checkConformance(engine, "focus_rows", { nativeExport: false });
      expect(report.rules).toContainEqual(
        expect.objectContaining({
          id: "type:BilledCost",
          examples: [{ column: "BilledCost", value: "DECIMAL(18,6)" }],
        }),
      );
    });
  });

  it("names every rule once, and docs/focus.md lists each", async () => {
    const ids = ROW_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const page = await readFile(path.resolve(import.meta.dirname, "../../../../docs/focus.md"), "utf8");
    const kinds = [
      ...new Set(ids.map((id) => (/^(not-null|allowed|currency|negative)/.test(id) ? `${id.split(":")[0]}:` : id))),
    ];
    expect(kinds.filter((kind) => !page.includes(kind))).toEqual([]);
  });
});

describe("refusingChecks", () => {
  it("gives the offending value and its column for every way in which money or period is unusable", async () => {
    await withBench(async ({ engine }) => {
      await createRows(engine, "focus_rows", [
        {},
        { BillingCurrency: "XXX" },
        { EffectiveCost: null },
        { ChargeCategory: null },
        { ChargePeriodEnd: "2023-01-01" },
      ]);
      const found = [];
      for (const check of refusingChecks("focus_rows")) {
        for (const row of await engine.query(check.sql))
          found.push([row["column_name"], row["value"], row["source_file"], row["row"]]);
      }
      expect(found).toEqual([
        ["ChargeCategory", null, null, null],
        ["EffectiveCost", null, null, null],
        ["BillingCurrency", "XXX", null, null],
        ["ChargePeriodEnd", "2023-01-01 00:00:00", null, null],
      ]);
    });
  });
});
