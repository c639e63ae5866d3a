import { describe, expect, it } from "vitest";
import { compareControl, readControl } from "../../../../shared/ledger/collect/control-totals.ts";

const control = readControl([
  { billing_period: "2024-09", currency: "USD", metric: "BilledCost", amount: "10.000000000000000001" },
  { billing_period: "2024-09", currency: "USD", metric: "EffectiveCost", amount: null },
  { billing_period: "2024-10", currency: "EUR", metric: "BilledCost", amount: "1" },
]);
const total = (currency: string, billed: string, effective: string) => ({
  currency,
  billed,
  effective,
  absoluteBilled: billed,
});

describe("compareControl (L1)", () => {
  it("finds no difference only where the last digit agrees", () => {
    expect(
      compareControl(control, "2024-09", [total("USD", "10.000000000000000001", "0")]).map(({ metric, difference }) => [
        metric,
        difference,
      ]),
    ).toEqual([
      ["BilledCost", "0"],
      ["EffectiveCost", "0"],
    ]);
    expect(
      compareControl(control, "2024-09", [total("USD", "10", "0.5")]).map(({ metric, amount, difference }) => [
        metric,
        amount,
        difference,
      ]),
    ).toEqual([
      ["BilledCost", "10.000000000000000001", "-0.000000000000000001"],
      ["EffectiveCost", "0", "0.5"],
    ]);
  });

  it("takes a currency that only one side has for a difference of its whole sum", () => {
    const compared = compareControl(control, "2024-09", [
      total("USD", "10.000000000000000001", "0"),
      total("GBP", "3", "4"),
    ]);
    expect(compared.filter(({ currency }) => currency === "GBP")).toEqual([
      { metric: "BilledCost", currency: "GBP", amount: "0", difference: "3" },
      { metric: "EffectiveCost", currency: "GBP", amount: "0", difference: "4" },
    ]);
    expect(compareControl(control, "2024-10", [])).toEqual([
      { metric: "BilledCost", currency: "EUR", amount: "1", difference: "-1" },
    ]);
  });

  it("has nothing to compare in a period that the source does not total and we do not have", () => {
    expect(compareControl(control, "2024-11", [])).toEqual([]);
  });
});
