import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { type Money, moneyText, totalsByCurrency } from "../../../shared/core/money.ts";

const money = (amount: string, currency: string): Money => ({ amount: parseDecimal(amount), currency });

describe("money", () => {
  it("stands in documents as a plain decimal beside its currency", () => {
    expect(moneyText(money("-1.500", "EUR"))).toEqual({ currency: "EUR", amount: "-1.5" });
  });

  it("adds per currency, in the order of the codes, and never across them", () => {
    const items = [
      money("1", "USD"),
      money("2", "EUR"),
      money("0.000000000000000001", "USD"),
      money("-2", "EUR"),
      money("5", "JPY"),
    ];
    expect(totalsByCurrency(items).map(moneyText)).toEqual([
      { currency: "EUR", amount: "0" },
      { currency: "JPY", amount: "5" },
      { currency: "USD", amount: "1.000000000000000001" },
    ]);
    expect(totalsByCurrency([])).toEqual([]);
  });
});
