import { describe, expect, it } from "vitest";
import type { BudgetPeriod } from "../../../../shared/config/types.ts";
import { budgetPeriod, unsettledPeriods } from "../../../../shared/governance/budgets/budget-period.ts";

describe("budgetPeriod", () => {
  it.each<[string, BudgetPeriod, string, object]>([
    ["a day", { every: "day" }, "2024-09-18", { start: "2024-09-18", end: "2024-09-19", basis: "charge" }],
    [
      "a week from Monday",
      { every: "week" },
      "2024-09-18",
      { start: "2024-09-16", end: "2024-09-23", basis: "charge" },
    ],
    ["a Sunday's week", { every: "week" }, "2024-09-22", { start: "2024-09-16", end: "2024-09-23", basis: "charge" }],
    ["a Monday's week", { every: "week" }, "2024-12-30", { start: "2024-12-30", end: "2025-01-06", basis: "charge" }],
    ["a month", { every: "month" }, "2024-02-29", { start: "2024-02-01", end: "2024-03-01", basis: "billing" }],
    ["a quarter", { every: "quarter" }, "2024-12-31", { start: "2024-10-01", end: "2025-01-01", basis: "billing" }],
    ["a year", { every: "year" }, "2024-06-15", { start: "2024-01-01", end: "2025-01-01", basis: "billing" }],
    [
      "a custom range, wherever the day is",
      { every: "custom", start: "2024-01-10", end: "2024-01-20" },
      "2024-06-15",
      { start: "2024-01-10", end: "2024-01-20", basis: "charge" },
    ],
  ])("finds %s", (_name, period, day, expected) => {
    expect(budgetPeriod(period, day)).toEqual(expected);
  });
});

describe("unsettledPeriods", () => {
  it("names the days before today that may still change", () => {
    expect(unsettledPeriods({ every: "day" }, "2024-09-20", 3)).toEqual(["2024-09-19", "2024-09-18", "2024-09-17"]);
  });

  it("names the month before only while its last days are unsettled", () => {
    expect(unsettledPeriods({ every: "month" }, "2024-10-03", 3)).toEqual(["2024-09-01"]);
    expect(unsettledPeriods({ every: "month" }, "2024-10-04", 3)).toEqual([]);
  });

  it("names nothing for a custom period, which is always evaluated", () => {
    expect(unsettledPeriods({ every: "custom", start: "2024-09-01", end: "2024-09-20" }, "2024-09-20", 3)).toEqual([]);
  });
});
