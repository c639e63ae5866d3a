import { describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, multiply } from "../../../../shared/core/decimal.ts";
import { budgetTreeObservations } from "../../../../shared/governance/budgets/budget-tree.ts";
import { budget } from "../support.ts";

const TODAY = "2024-09-20";
const child = (name: string, limit: number, more: object = {}) =>
  budget({ name, limit: fromInteger(limit), parent: "company", ...more });
const company = budget({ name: "company", limit: fromInteger(1000) });

describe("budgetTreeObservations", () => {
  it("says nothing while the children fit", () => {
    expect(budgetTreeObservations([company, child("a", 600), child("b", 400)], TODAY)).toEqual([]);
  });

  it("warns when the children add up to more than their parent", () => {
    const [warning] = budgetTreeObservations([company, child("a", 600), child("b", 500)], TODAY);
    expect(warning).toMatchObject({
      kind: "budget-tree",
      rule: "children-exceed-parent",
      level: "warning",
      subject: "company",
      title: "Budgets below company add up to 1100.00 USD, 100.00 more than its 1000.00",
      evidence: { facts: { children: "a 600, b 500" } },
    });
    expect(formatDecimal(warning?.amount ?? fromInteger(0))).toBe("100");
  });

  it("names a child that alone has more", () => {
    const [warning] = budgetTreeObservations([company, child("a", 1200)], TODAY);
    expect(warning?.title).toContain("; a alone has more than that");
  });

  it("converts other currencies and names what cannot be compared", () => {
    const budgets = [
      company,
      child("a", 900, { currency: "EUR" }),
      child("b", 100, { currency: "JPY" }),
      child("c", 5000, { period: { every: "year" } }),
    ];
    const [warning] = budgetTreeObservations(budgets, TODAY, ({ amount, currency }, to) =>
      currency === "EUR" ? { amount: multiply(amount, fromInteger(2)), currency: to } : undefined,
    );
    expect(warning?.evidence.facts).toMatchObject({
      childrenTotal: "1800",
      notComparable: "b (in JPY, no rate), c (per year)",
    });
  });
});
