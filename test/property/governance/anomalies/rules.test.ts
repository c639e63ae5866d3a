import fc from "fast-check";
import { expect, it } from "vitest";
import { type Decimal, fromInteger, fromScaled, multiply, parseDecimal } from "../../../../shared/core/decimal.ts";
import { addDays, type Day } from "../../../../shared/core/period.ts";
import { cautious, riseOn } from "../../../../shared/governance/anomalies/rules/rises.ts";
import { spendAtZero } from "../../../../shared/governance/anomalies/rules/spend-at-zero.ts";
import { type UsedDay, unitCostDrift } from "../../../../shared/governance/anomalies/rules/unit-cost.ts";

const START = "2024-08-01";
const rule = { ratio: parseDecimal("1.2"), days: 3 };
const cents = fc.integer({ min: 0, max: 1_000_000 }).map((value) => fromScaled(BigInt(value) * 10n ** 16n));
const some = fc.integer({ min: 1, max: 1_000_000 }).map((value) => fromScaled(BigInt(value) * 10n ** 16n));

function series(costs: readonly (Decimal | undefined)[]) {
  return {
    keys: { provider: "aws" },
    currency: "USD",
    costs: new Map(
      costs.flatMap((cost, index) => (cost === undefined ? [] : [[addDays(START, index), cost] as const])),
    ),
    rows: new Map(),
    unsettled: new Set<Day>(),
  };
}

it("sees no drift where a unit always costs the same, however much is used", () => {
  fc.assert(
    fc.property(fc.array(some, { maxLength: 45 }), some, (quantities, unit) => {
      const used = quantities.map((quantity, index): UsedDay => {
        const effective = multiply(quantity, unit);
        return { day: addDays(START, index), quantity, effective, list: effective };
      });
      expect(unitCostDrift(used, rule)).toBeUndefined();
    }),
  );
});

it("finds only runs that last and that reach the newest day, with the money of their direction", () => {
  const dayAt = (low: number, high: number) =>
    fc.record({
      quantity: fc.integer({ min: 50, max: 200 }).map(fromInteger),
      unit: fc.integer({ min: low, max: high }).map((cost) => fromScaled(BigInt(cost) * 10n ** 16n)),
    });
  const days = fc.tuple(
    fc.array(dayAt(95, 105), { minLength: 7, maxLength: 30 }),
    fc.array(dayAt(60, 170), { maxLength: 6 }),
  );
  let found = 0;
  fc.assert(
    fc.property(days, ([before, after]) => {
      const used = [...before, ...after].map(({ quantity, unit }, index): UsedDay => {
        const effective = multiply(quantity, unit);
        return { day: addDays(START, index), quantity, effective, list: effective };
      });
      const drift = unitCostDrift(used, rule);
      if (drift === undefined) return;
      found += 1;
      const run = used.filter(({ day }) => day >= drift.since);
      expect(run.length).toBeGreaterThanOrEqual(rule.days);
      expect(run.length).toBeLessThanOrEqual(after.length);
      expect(run[rule.days - 1]?.day).toBe(drift.confirmed);
      expect(drift.excess > 0n).toBe(drift.now > drift.usual);
    }),
    { numRuns: 400 },
  );
  expect(found).toBeGreaterThan(0);
});

it("takes nothing for zero that cost more than a hundredth of the usual", () => {
  const costs = fc.array(fc.option(some, { nil: undefined, freq: 8 }), { minLength: 30, maxLength: 45 });
  fc.assert(
    fc.property(costs, fc.nat({ max: 4 }), (before, zeros) => {
      const all = [...before, ...Array.from({ length: zeros }, () => fromInteger(0))];
      const today = addDays(START, all.length + 1);
      const days = Array.from({ length: 14 }, (_, index) => addDays(today, index - 13));
      const seen = spendAtZero(series(all), {
        rule: { floor: fromInteger(1) },
        caution: 1,
        settledAfterDays: { default: 0 },
        days,
        today,
      });
      expect(seen.length).toBeLessThanOrEqual(1);
      for (const { period } of seen) {
        const first = all.findIndex((_cost, index) => addDays(START, index) === period.start);
        const later = all.slice(first).filter((cost) => cost !== undefined);
        expect(later.length).toBeGreaterThanOrEqual(2);
        const usual = seen[0]?.amount ?? fromInteger(0);
        expect(later.every((cost) => cost * 100n <= usual)).toBe(true);
      }
    }),
  );
});

it("never sees more rises for being more cautious", () => {
  const config = {
    overYesterday: { ratio: parseDecimal("1.5"), forMinutes: 30, floor: fromInteger(10) },
    absoluteJump: { amount: fromInteger(100) },
  };
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 9, maxLength: 9 }),
      fc.double({ min: 1, max: 3, noNaN: true }),
      (costs, caution) => {
        const day = addDays(START, 8);
        const bold = riseOn(series(costs), day, config);
        const careful = riseOn(series(costs), day, {
          ...cautious(config, caution),
          // A jump the day before silences one; the floor of that must not differ for a fair comparison.
          absoluteJump: config.absoluteJump,
        });
        if (careful !== undefined) expect(bold).toBeDefined();
        expect(careful === undefined || careful.amount >= 0n).toBe(true);
      },
    ),
  );
});
