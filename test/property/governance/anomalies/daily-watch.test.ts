import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDailyWatch } from "../../../../shared/governance/anomalies/detector/daily/daily-watch.ts";
import {
  DAY_MS,
  type Judged,
  type KnownSeries,
  type Sensitivity,
} from "../../../../shared/governance/anomalies/types.ts";

const START = Date.parse("2025-10-06T00:00:00Z");

/** Days as bills show them: nothing, credits, gaps, and amounts of any size. */
const cost = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 50, max: 150, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -5, Number.NaN, 1e-9, 1e12, 400) },
);
const costs = fc.tuple(fc.array(cost, { minLength: 1, maxLength: 150 }), fc.constantFrom(1, 1e-9, 1e9));
const sensitivity: fc.Arbitrary<Sensitivity> = fc.record({
  falseAlertsPer90Days: fc.constantFrom(1, 0.25, 0.1),
  floor: fc.constantFrom(0, 10),
  planned: fc.constantFrom([], [{ from: START + 40 * DAY_MS, to: START + 60 * DAY_MS }]),
  newLevels: fc.constantFrom([], [START + 30 * DAY_MS]),
  caution: fc.constantFrom(1, 2),
});
const completeness = fc.constantFrom(
  [],
  [
    { share: 0.7, spread: 0.1 },
    { share: 0.97, spread: 0.01 },
  ],
);

function known(amounts: readonly number[], looks: number, more: Partial<KnownSeries> = {}): KnownSeries {
  return { start: START, step: DAY_MS, costs: Float64Array.from(amounts.slice(0, looks)), completeness: [], ...more };
}

function follow(amounts: readonly number[], how: Sensitivity, shares: KnownSeries["completeness"]): Judged[] {
  const watch = createDailyWatch(how);
  const lines: Judged[] = [];
  for (let look = Math.max(1, amounts.length - 12); look <= amounts.length; look++) {
    lines.push(...watch.look(known(amounts, look, { completeness: shares }), look - 3));
  }
  for (const { now } of watch.standing(known(amounts, amounts.length, { completeness: shares })))
    lines.push({ at: now.at, score: now.score, alert: now });
  return lines;
}

describe("the daily watch, whatever it is shown", () => {
  it("gives finite figures that agree with one another", () => {
    fc.assert(
      fc.property(costs, sensitivity, completeness, ([amounts, unit], how, shares) => {
        const series = amounts.map((amount) => amount * unit);
        for (const { at, score, alert } of follow(series, how, shares)) {
          expect(Number.isFinite(score)).toBe(true);
          if (alert === undefined) continue;
          const { actual, expected, lower, upper, impact } = alert;
          expect([actual, expected, lower, upper, impact].every(Number.isFinite)).toBe(true);
          expect(lower).toBeLessThanOrEqual(expected);
          expect(expected).toBeLessThanOrEqual(upper);
          expect(impact).toBeGreaterThanOrEqual(0);
          expect(alert.since).toBeLessThanOrEqual(alert.at);
          expect(alert.at).toBe(at);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("does not depend on the unit of money", () => {
    fc.assert(
      fc.property(costs, completeness, ([amounts], shares) => {
        const how: Sensitivity = { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1 };
        const one = follow(amounts, how, shares);
        const other = follow(
          amounts.map((amount) => amount * 1024),
          how,
          shares,
        );
        expect(other.length).toBe(one.length);
        for (const [index, line] of one.entries()) expect(other[index]?.score).toBeCloseTo(line.score, 3);
      }),
      { numRuns: 25 },
    );
  });

  it("forgets nothing between looks but alerts", () => {
    fc.assert(
      fc.property(costs, sensitivity, completeness, ([amounts], how, shares) => {
        const series = known(amounts, amounts.length, { completeness: shares });
        const fresh = createDailyWatch(how).look(series, amounts.length - 3);
        const watch = createDailyWatch(how);
        watch.look(
          known(
            amounts.map((amount) => amount * 3),
            amounts.length,
          ),
          amounts.length - 3,
        );
        const used = createDailyWatch(how).look(series, amounts.length - 3);
        expect(used).toEqual(fresh);
      }),
      { numRuns: 25 },
    );
  });
});
