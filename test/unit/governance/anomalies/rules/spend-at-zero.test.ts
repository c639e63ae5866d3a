import { describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, parseDecimal } from "../../../../../shared/core/decimal.ts";
import { addDays, type Day } from "../../../../../shared/core/period.ts";
import { spendAtZero } from "../../../../../shared/governance/anomalies/rules/spend-at-zero.ts";

const START = "2024-08-20";
const rule = { floor: fromInteger(10) };
const days = (from: Day, count: number) => Array.from({ length: count }, (_, index) => addDays(from, index));

/** A month at 100 a day from 2024-08-20, then these costs from 2024-09-17 on; undefined is a day that is not known. */
function seen(after: readonly (string | undefined)[], before: (index: number) => string | undefined = () => "100") {
  const costs = [...Array.from({ length: 28 }, (_, index) => before(index)), ...after];
  const series = {
    keys: { provider: "aws", service: "Compute" },
    currency: "USD",
    costs: new Map(
      costs.flatMap((cost, index) =>
        cost === undefined ? [] : [[addDays(START, index), parseDecimal(cost)] as const],
      ),
    ),
    rows: new Map(),
    unsettled: new Set<Day>(),
  };
  return (today: Day, options: { caution?: number; settledAfterDays?: Record<string, number> } = {}) =>
    spendAtZero(series, {
      rule,
      caution: 1,
      settledAfterDays: { aws: 1, default: 3 },
      days: days(addDays(today, -13), 14),
      today,
      ...options,
    });
}

describe("spendAtZero", () => {
  it("is seen when a second settled day confirms the first", () => {
    const zero = seen(["0", "0", "0"]);
    expect(zero("2024-09-19")).toEqual([]);
    const [found, ...others] = zero("2024-09-20");
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      rule: "spend-at-zero",
      level: "warning",
      scope: { provider: ["aws"], service: ["Compute"] },
      period: { start: "2024-09-17", end: "2024-09-18" },
      title: "aws / Compute costs nothing since 2024-09-17, against 100.00 USD a day before",
      raisedOn: "2024-09-20",
      evidence: { facts: { actual: "0", expected: "100", since: "2024-09-17", direction: "down" } },
    });
    expect(formatDecimal(found?.amount ?? fromInteger(0))).toBe("100");
    expect(found?.evidence.facts["history"]).toMatch(/^2024-08-21 100,.*,0,0,0$/);
  });

  it("is news once: as long ago as it was confirmed", () => {
    const zero = seen(["0", "0", "0", "0", "0"]);
    expect(zero("2024-09-22").map(({ raisedOn }) => raisedOn)).toEqual(["2024-09-20"]);
  });

  it("counts the cents that remain as nothing", () => {
    expect(seen(["0.5", "1"])("2024-09-20")).toHaveLength(1);
    expect(seen(["0.5", "1.01"])("2024-09-20")).toEqual([]);
  });

  it("ends when there is spend again", () => {
    expect(seen(["0", "0", "40"])("2024-09-21")).toEqual([]);
  });

  it("does not take a day on which nothing was delivered for an empty one", () => {
    expect(seen(["0", undefined])("2024-09-20")).toEqual([]);
    expect(seen(["0", undefined, "0"])("2024-09-21")).toHaveLength(1);
    expect(seen([undefined, "0", "0"])("2024-09-21").map(({ period }) => period.start)).toEqual(["2024-09-18"]);
  });

  it("says nothing about series that pause, vary, are young or cheap", () => {
    const zeros = ["0", "0", "0"];
    const weekend = (index: number) => (index % 7 > 4 ? "0" : "100");
    expect(seen(zeros, weekend)("2024-09-20")).toEqual([]);
    expect(seen(zeros, (index) => (index % 2 === 0 ? "30" : "300"))("2024-09-20")).toEqual([]);
    expect(seen(zeros, (index) => (index < 15 ? undefined : "100"))("2024-09-20")).toEqual([]);
    expect(seen(zeros, (index) => (index < 14 ? undefined : "100"))("2024-09-20")).toHaveLength(1);
    expect(seen(zeros, () => "9.99")("2024-09-20")).toEqual([]);
    expect(seen(zeros, () => "10")("2024-09-20")).toHaveLength(1);
  });

  it("wants more money after alerts were called wrong", () => {
    const zero = seen(["0", "0", "0"], () => "14");
    expect(zero("2024-09-20", { caution: 1.5 })).toEqual([]);
    expect(zero("2024-09-20")).toHaveLength(1);
  });

  it("waits for the slowest provider where the series does not name one", () => {
    const series = {
      keys: { team: "ml" },
      currency: "USD",
      costs: new Map([
        ...days(START, 28).map((day) => [day, fromInteger(100)] as const),
        ["2024-09-17", fromInteger(0)] as const,
        ["2024-09-18", fromInteger(0)] as const,
      ]),
      rows: new Map(),
      unsettled: new Set<Day>(),
    };
    const at = (today: Day) =>
      spendAtZero(series, {
        rule,
        caution: 1,
        settledAfterDays: { aws: 1, azure: 4 },
        days: days("2024-09-10", 14),
        today,
      });
    expect(at("2024-09-22")).toEqual([]);
    expect(at("2024-09-23")).toHaveLength(1);
  });
});
