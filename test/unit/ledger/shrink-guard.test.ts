import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { shrinkReason } from "../../../shared/ledger/shrink-guard.ts";

const limits = { shrinkRows: parseDecimal("0.2"), shrinkCost: parseDecimal("0.1") };
const content = (rows: number, absolute: Record<string, string>) => ({
  rows,
  totals: Object.entries(absolute).map(([currency, absoluteBilled]) => ({
    currency,
    billed: "0",
    effective: "0",
    absoluteBilled,
  })),
});

describe("shrinkReason (L5)", () => {
  it.each([
    ["as large", 100, { USD: "1000" }],
    ["larger", 200, { USD: "2000" }],
    ["exactly 20 % fewer rows", 80, { USD: "1000" }],
    ["exactly 10 % less money", 100, { USD: "900" }],
    ["another currency more", 100, { USD: "1000", EUR: "5" }],
  ])("believes a delivery that is %s", (_name, rows, absolute) => {
    expect(shrinkReason(content(100, { USD: "1000" }), content(rows, absolute), limits)).toBeUndefined();
  });

  it.each([
    ["more than 20 % fewer rows", 79, { USD: "1000" }, "79 rows instead of 100"],
    [
      "a hair less than 90 % of the money",
      100,
      { USD: "899.999999999999999999" },
      "Σ|BilledCost| 899.999999999999999999 USD instead of 1000",
    ],
    ["no money of a currency", 100, { EUR: "5000" }, "Σ|BilledCost| 0 USD instead of 1000"],
  ])("doubts a delivery with %s", (_name, rows, absolute, reason) => {
    expect(shrinkReason(content(100, { USD: "1000" }), content(rows, absolute), limits)).toBe(reason);
  });

  it("compares each currency for itself", () => {
    const before = content(10, { EUR: "10", USD: "1000" });
    expect(shrinkReason(before, content(10, { EUR: "8", USD: "2000" }), limits)).toMatch(/8 EUR/);
  });

  it("has nothing to doubt where nothing was", () => {
    expect(shrinkReason(content(0, {}), content(0, {}), limits)).toBeUndefined();
    expect(shrinkReason(content(1, { USD: "0" }), content(1, {}), limits)).toBeUndefined();
  });
});
