import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFineWatch } from "../../../../shared/governance/anomalies/detector/fine/fine-watch.ts";
import type { Completeness, Judged, KnownSeries, Sensitivity } from "../../../../shared/governance/anomalies/types.ts";
import { createDraw } from "../../../bench/anomalies/fine/random.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 2);
const SENSITIVITY: Sensitivity = { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1 };
const LAGS: readonly Completeness[] = [
  { share: 0.6, spread: 0.1 },
  { share: 0.9, spread: 0.02 },
];

/** Hours of some weeks: noise, days, holes, spikes and moves. */
const costs = fc
  .record({
    seed: fc.nat(1e6),
    rows: fc.integer({ min: 1, max: 700 }),
    wild: fc.constantFrom(0, 0.01, 0.2),
    holes: fc.constantFrom(0, 0.05, 0.6),
    scale: fc.constantFrom(1e-4, 1, -30, 1e9),
  })
  .map(({ seed, rows, wild, holes, scale }) => {
    const draw = createDraw(seed);
    let level = 10;
    return Float64Array.from({ length: rows }, (_none, i) => {
      if (draw.chance(wild / 20)) level *= draw.between(0.2, 4);
      if (draw.chance(holes)) return Number.NaN;
      return (
        scale *
        level *
        (1 + 0.3 * Math.sin((i * Math.PI) / 12) + 0.1 * draw.heavy()) *
        (draw.chance(wild) ? draw.between(0, 9) : 1)
      );
    });
  });

const seen = (all: Float64Array, completeness: readonly Completeness[] = []): KnownSeries => ({
  start: START,
  step: HOUR,
  costs: all,
  completeness,
});

/** What is known at a look of a bill whose newest hours are not complete. */
function restated(final: Float64Array, end: number): KnownSeries {
  const shown = final.slice(0, end);
  LAGS.forEach(({ share }, age) => {
    if (end > age) shown[end - 1 - age] = (shown[end - 1 - age] ?? 0) * share;
  });
  return seen(shown, LAGS);
}

describe("fine watch", () => {
  it("says the same after any looks before as when it is made anew with their memory", () => {
    fc.assert(
      fc.property(costs, fc.array(fc.nat(60), { maxLength: 25 }), (final, strides) => {
        const watch = createFineWatch(SENSITIVITY);
        let end = 0;
        for (const stride of strides) {
          const from = Math.max(0, end - 3);
          end = Math.min(final.length, end + stride + 1);
          const before = watch.memory();
          const judged = watch.look(restated(final, end), from);
          expect(createFineWatch(SENSITIVITY, before).look(restated(final, end), from)).toEqual(judged);
        }
        expect(watch.standing(restated(final, end))).toEqual(
          createFineWatch(SENSITIVITY, watch.memory()).standing(restated(final, end)),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("scores a row by what was known before it", () => {
    fc.assert(
      fc.property(costs, fc.integer({ min: 256, max: 699 }), (all, length) => {
        const past = all.subarray(0, Math.max(length, 256));
        fc.pre(past.length >= 256);
        const whole = createFineWatch(SENSITIVITY).look(seen(all), 0);
        const part = createFineWatch(SENSITIVITY).look(seen(past), 0);
        expect(whole.slice(0, part.length).map(({ score }) => score)).toEqual(part.map(({ score }) => score));
      }),
      { numRuns: 40 },
    );
  });

  it("gives finite figures, an expectation inside its range, and periods that were known", () => {
    fc.assert(
      fc.property(costs, (all) => {
        const judged = createFineWatch(SENSITIVITY).look(seen(all), 0);
        expect(judged.map(({ at }) => at)).toEqual(
          [...all.keys()].filter((i) => !Number.isNaN(all[i])).map((i) => START + i * HOUR),
        );
        for (const { at, score, alert } of judged) {
          expect(score).toBeGreaterThanOrEqual(0);
          if (alert === undefined) continue;
          for (const figure of [alert.actual, alert.expected, alert.lower, alert.upper, alert.impact])
            expect(figure).toSatisfy(Number.isFinite);
          expect(alert.lower).toBeLessThanOrEqual(alert.expected);
          expect(alert.upper).toBeGreaterThanOrEqual(alert.expected);
          expect(alert.impact).toBeGreaterThanOrEqual(0);
          expect(alert.at).toBe(at);
          expect(alert.since).toBeLessThanOrEqual(at);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("scores the same in any currency", () => {
    fc.assert(
      fc.property(costs, fc.constantFrom(2 ** -20, 2 ** 10, 2 ** 30), (all, rate) => {
        const scores = (judged: readonly Judged[]): number[] =>
          judged.map(({ score }) => Math.round(score * 1e6) / 1e6);
        const converted = createFineWatch(SENSITIVITY).look(seen(all.map((cost) => cost * rate)), 0);
        expect(scores(converted)).toEqual(scores(createFineWatch(SENSITIVITY).look(seen(all), 0)));
      }),
      { numRuns: 40 },
    );
  });
});
