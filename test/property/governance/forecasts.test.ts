import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, formatDecimal, fromScaled, parseDecimal, subtract } from "../../../shared/core/decimal.ts";
import { addDays } from "../../../shared/core/period.ts";
import { withRest } from "../../../shared/governance/forecasts/forecast-period.ts";
import { forecastRest, type KnownDays } from "../../../shared/governance/forecasts/forecast-rest.ts";
import type { Completeness } from "../../../shared/ledger/completeness/completeness.ts";

const today = fc.integer({ min: 0, max: 1500 }).map((days) => addDays("2023-01-01", days));
const completeness: fc.Arbitrary<Completeness[]> = fc.array(
  fc.record({
    share: fc.double({ min: 0.2, max: 1, noNaN: true }),
    spread: fc.double({ min: 0, max: 0.5, noNaN: true }),
  }),
  { maxLength: 4 },
);
const positive = fc.oneof(
  fc.array(fc.double({ min: 1e-3, max: 1000, noNaN: true }), { maxLength: 120 }),
  fc.array(fc.constantFrom(0, 0, 0, 100), { maxLength: 120 }),
  fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 20, maxLength: 120 }),
);
const any = fc.oneof(
  positive,
  fc.array(fc.oneof(fc.integer({ min: -500, max: 900 }), fc.constant(Number.NaN)), { maxLength: 120 }),
);

function known(day: string, costs: readonly number[], shares: readonly Completeness[]): KnownDays {
  const ahead = new Float64Array();
  return {
    start: Date.parse(addDays(day, -costs.length)),
    costs: Float64Array.from(costs),
    completeness: shares,
    ahead,
  };
}

const asked = (costs: typeof any) =>
  fc.record({ day: today, costs, shares: completeness, length: fc.integer({ min: 1, max: 400 }) });

function rest(
  { day, costs, shares, length }: { day: string; costs: number[]; shares: Completeness[]; length: number },
  times = 1,
) {
  const from = addDays(day, -12);
  const days = known(
    day,
    costs.map((cost) => cost * times),
    shares,
  );
  return forecastRest([days], Date.parse(from), Date.parse(addDays(from, length)));
}

describe("forecasts", () => {
  it("are finite and in order, whatever the series", () => {
    fc.assert(
      fc.property(asked(any), (question) => {
        const { rest: middle, low, high, path } = rest(question);
        expect([low, middle, high, ...path].every(Number.isFinite)).toBe(true);
        expect(low <= middle && middle <= high).toBe(true);
      }),
    );
  });

  it("never lie below what is settled while no day is negative", () => {
    fc.assert(
      fc.property(asked(positive), (question) => {
        const unsettled = question.costs.slice(question.costs.length - question.shares.length);
        const reported = question.shares.length === 0 ? 0 : unsettled.reduce((sum, cost) => sum + cost, 0);
        expect(rest(question).low).toBeGreaterThanOrEqual(-reported - 1e-9);
        expect(rest({ ...question, shares: [] }).low).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("scale with the unit of money", () => {
    fc.assert(
      fc.property(asked(any), fc.constantFrom(2 ** -20, 0.5, 1024), (question, times) => {
        const [one, scaled] = [rest(question), rest(question, times)];
        const size = Math.max(Math.abs(one.low), Math.abs(one.high), 1e-9) * times;
        for (const name of ["rest", "low", "high"] as const) {
          expect(Math.abs(scaled[name] - one[name] * times)).toBeLessThanOrEqual(1e-6 * size);
        }
      }),
    );
  });

  it("add exactly what is spent: an exact amount more is an exact amount more in every figure", () => {
    const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(fromScaled);
    fc.assert(
      fc.property(asked(any), amount, ({ day, costs, shares }, more) => {
        const days = [known(day, costs, shares)];
        const at = (actual: typeof more) =>
          withRest(actual, forecastRest(days, Date.parse(addDays(day, -9)), Date.parse(addDays(day, 21))));
        const [before, after] = [at(parseDecimal("1.5")), at(add(parseDecimal("1.5"), more))];
        for (const name of ["amount", "low", "high"] as const) {
          expect(formatDecimal(subtract(after[name], before[name]))).toBe(formatDecimal(more));
        }
      }),
    );
  });

  it("are the same for the same days", () => {
    fc.assert(
      fc.property(asked(any), (question) => {
        const again = rest({ ...question, costs: [...question.costs] });
        expect(again).toEqual(rest(question));
      }),
    );
  });
});
