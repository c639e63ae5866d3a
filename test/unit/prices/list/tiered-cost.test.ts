import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, type Decimal, formatDecimal, fromScaled, parseDecimal } from "../../../../shared/core/decimal.ts";
import { tieredCost } from "../../../../shared/prices/list/tiered-cost.ts";

const tier = (from: string, unitPrice: string) => ({ from: parseDecimal(from), unitPrice: parseDecimal(unitPrice) });

describe("what usage costs at tiered prices", () => {
  // The catalog's own example: the first 20 GB are free, the next 80 cost $10 each, then $5.
  const GOOGLE = [tier("20", "10"), tier("100", "5")];

  it.each([
    ["0", "0"],
    ["20", "0"],
    ["20.5", "5"],
    ["100", "800"],
    ["150", "1050"],
  ])("is right for %s units", (usage, cost) => {
    expect(formatDecimal(tieredCost(GOOGLE, parseDecimal(usage)))).toBe(cost);
  });

  it("is exact to the last digit", () => {
    expect(formatDecimal(tieredCost([tier("0", "0.000000001")], parseDecimal("0.123456789")))).toBe(
      "0.000000000123456789",
    );
  });

  it("is nothing without tiers", () => {
    expect(tieredCost([], parseDecimal("5"))).toBe(0n);
  });

  it("is the sum of the costs of two parts, the second one priced after the first", () => {
    const usage = fc.bigInt({ min: 0n, max: 10n ** 24n }).map(fromScaled);
    fc.assert(
      fc.property(usage, usage, (first: Decimal, second: Decimal) => {
        const rest = GOOGLE.map(({ from, unitPrice }) => ({
          unitPrice,
          from: (from > first ? from - first : 0n) as Decimal,
        }));
        const after = rest.filter(
          ({ from }, index) => index === rest.length - 1 || from < (rest[index + 1]?.from ?? 0n),
        );
        expect(add(tieredCost(GOOGLE, first), tieredCost(after, second))).toBe(tieredCost(GOOGLE, add(first, second)));
      }),
    );
  });
});
