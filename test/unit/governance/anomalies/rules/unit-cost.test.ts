import { describe, expect, it } from "vitest";
import { formatDecimal, formatFixed, multiply, parseDecimal, ZERO } from "../../../../../shared/core/decimal.ts";
import { addDays } from "../../../../../shared/core/period.ts";
import { type UsedDay, unitCostDrift } from "../../../../../shared/governance/anomalies/rules/unit-cost.ts";

const rule = { ratio: parseDecimal("1.2"), days: 3 };
const START = "2024-08-20";

/** Days of use: unit cost, quantity (10), list price of a unit (1). */
function used(days: readonly { cost: string; quantity?: string; list?: string }[], start = START): UsedDay[] {
  return days.map(({ cost, quantity = "10", list = "1" }, index) => ({
    day: addDays(start, index),
    quantity: parseDecimal(quantity),
    effective: multiply(parseDecimal(cost), parseDecimal(quantity)),
    list: multiply(parseDecimal(list), parseDecimal(quantity)),
  }));
}

const usual = (count: number) => Array.from({ length: count }, () => ({ cost: "0.5" }));
const drifted = (count: number, cost = "0.7") => Array.from({ length: count }, () => ({ cost }));

describe("unitCostDrift", () => {
  it("sees a unit cost over the ratio for the wanted days, and its money", () => {
    const drift = unitCostDrift(used([...usual(28), ...drifted(3)]), rule);
    expect(drift).toMatchObject({ since: "2024-09-17", confirmed: "2024-09-19", isDiscount: true });
    expect(formatDecimal(drift?.usual ?? ZERO)).toBe("0.5");
    expect(formatDecimal(drift?.now ?? ZERO)).toBe("0.7");
    expect(formatDecimal(drift?.excess ?? ZERO)).toBe("6");
  });

  it("keeps its beginning while it goes on", () => {
    const drift = unitCostDrift(used([...usual(28), ...drifted(9)]), rule);
    expect(drift).toMatchObject({ since: "2024-09-17", confirmed: "2024-09-19" });
  });

  it("says nothing at the ratio itself, for too few days, or after it has ended", () => {
    expect(unitCostDrift(used([...usual(28), ...drifted(3, "0.6")]), rule)).toBeUndefined();
    expect(unitCostDrift(used([...usual(28), ...drifted(2)]), rule)).toBeUndefined();
    expect(unitCostDrift(used([...usual(28), ...drifted(5), ...usual(1)]), rule)).toBeUndefined();
    expect(unitCostDrift([], rule)).toBeUndefined();
  });

  it("sees one that falls, with less money", () => {
    const drift = unitCostDrift(used([...usual(28), ...drifted(3, "0.4")]), rule);
    expect(formatFixed(drift?.excess ?? ZERO, 2)).toBe("-3.00");
  });

  it("knows whether the list price moved along", () => {
    const raised = Array.from({ length: 3 }, () => ({ cost: "0.7", list: "1.4" }));
    expect(unitCostDrift(used([...usual(28), ...raised]), rule)?.isDiscount).toBe(false);
    const lowered = Array.from({ length: 3 }, () => ({ cost: "0.3", list: "0.6" }));
    expect(unitCostDrift(used([...usual(28), ...lowered]), rule)?.isDiscount).toBe(false);
  });

  it("does not compare days on which much more or less is used", () => {
    const busy = Array.from({ length: 3 }, () => ({ cost: "0.7", quantity: "41" }));
    const idle = Array.from({ length: 3 }, () => ({ cost: "0.7", quantity: "2.4" }));
    expect(unitCostDrift(used([...usual(28), ...busy]), rule)).toBeUndefined();
    expect(unitCostDrift(used([...usual(28), ...idle]), rule)).toBeUndefined();
  });

  it("needs a week of use before, that cost something, within the month before", () => {
    expect(unitCostDrift(used([...usual(6), ...drifted(3)]), rule)).toBeUndefined();
    expect(unitCostDrift(used([...usual(7), ...drifted(3)]), rule)).toBeDefined();
    const free = Array.from({ length: 28 }, () => ({ cost: "0" }));
    expect(unitCostDrift(used([...free, ...drifted(3)]), rule)).toBeUndefined();
    const longAgo = [...used(usual(28), "2024-06-01"), ...used(drifted(3), "2024-09-17")];
    expect(unitCostDrift(longAgo, rule)).toBeUndefined();
  });

  it("takes a new level for usual once it fills most of a month", () => {
    expect(unitCostDrift(used(drifted(40)), rule)).toBeUndefined();
  });
});
