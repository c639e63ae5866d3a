import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromInteger } from "../../../shared/core/decimal.ts";
import { addDays } from "../../../shared/core/period.ts";
import { evaluateBudgets } from "../../../shared/governance/budgets/evaluate-budgets.ts";
import {
  completenessOf,
  type LagModel,
  settledAfterDaysOf,
  sureShare,
} from "../../../shared/ledger/completeness/lag-model.ts";
import { learnLags } from "../../../shared/ledger/completeness/learn-lags.ts";
import { priorOf } from "../../../shared/ledger/completeness/priors.ts";
import type { SqlEngine } from "../../../shared/ports/sql-engine.ts";
import { instantOf, type LagLaw, normalOf, type SimulatedLag, simulateLag } from "../../support/simulated-lag.ts";
import { alert, budget, daily, loadCube, testClock, testEngine } from "../../unit/governance/support.ts";

const END = "2026-09-20";

/** A law of its own: what is seen on the first days, and how much that varies from day to day. */
const laws = fc.record({
  provider: fc.constantFrom("aws", "azure", "gcp", "elsewhere"),
  first: fc.double({ min: 0.4, max: 1.2, noNaN: true }),
  second: fc.double({ min: 0.8, max: 1.1, noNaN: true }),
  sigma: fc.double({ min: 0, max: 0.15, noNaN: true }),
  level: fc.double({ min: 0.1, max: 100_000, noNaN: true }),
  seed: fc.nat(),
});
type Law = typeof laws extends fc.Arbitrary<infer T> ? T : never;

function lawOf({ provider, first, second, sigma, level, seed }: Law): LagLaw {
  return {
    provider,
    service: "Compute",
    cost: (day) => level * Math.exp(0.3 * normalOf(`${seed} cost ${day}`)),
    shares: (day) => [
      first * Math.exp(sigma * normalOf(`${seed} 0 ${day}`)),
      second * Math.exp((sigma / 3) * normalOf(`${seed} 1 ${day}`)),
    ],
  };
}

function learn(simulated: SimulatedLag, asOf?: Date): LagModel {
  return { ...learnLags(simulateLag(simulated), asOf), unreadable: [] };
}

describe("the lag model", () => {
  it("converges to the laws by which days fill up", () => {
    fc.assert(
      fc.property(laws, (law) => {
        const model = learn({ laws: [lawOf(law)], from: addDays(END, -70), lastLook: END });
        const [first, second, third] = [0, 1, 2].map((age) => completenessOf(model, law.provider, "Compute", age));
        // Four standard errors of a median of forty, and the rounding of amounts.
        const tolerance = (sigma: number) => 4 * 1.2533 * (sigma / Math.sqrt(40)) + 1e-4;
        expect(Math.abs(Math.log((first?.share ?? 0) / law.first))).toBeLessThan(tolerance(law.sigma));
        expect(Math.abs(Math.log((second?.share ?? 0) / law.second))).toBeLessThan(tolerance(law.sigma / 3));
        expect(first?.spread).toBeLessThan(2 * law.sigma + 1e-4);
        expect(first?.spread).toBeGreaterThan(law.sigma / 2 - 1e-4);
        expect(third).toEqual({ share: 1, spread: 0 });
        expect(settledAfterDaysOf(model, { default: 5 }, [])[law.provider]).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60 },
    );
  });

  it("is the prior for whoever is new, however much of the past was imported", () => {
    fc.assert(
      fc.property(laws, fc.integer({ min: 0, max: 3 }), (law, looks) => {
        const firstLook = addDays(END, -looks);
        const model = learn({ laws: [lawOf(law)], from: addDays(END, -60), firstLook, lastLook: END });
        for (const age of [0, 1, 2, 3])
          expect(completenessOf(model, law.provider, "Compute", age)).toEqual(priorOf(law.provider, age));
        expect(sureShare(model, law.provider, "Compute", 0)).toBe(0.9);
      }),
      { numRuns: 30 },
    );
  });

  it("as of an instant is what it was at that instant", () => {
    fc.assert(
      fc.property(laws, fc.integer({ min: 1, max: 30 }), (law, back) => {
        const simulated = { laws: [lawOf(law)], from: addDays(END, -60) };
        const then = addDays(END, -back);
        const before = learn({ ...simulated, lastLook: then });
        expect(learn({ ...simulated, lastLook: END }, instantOf(then)).providers.get(law.provider)).toEqual(
          before.providers.get(law.provider),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe("a hard threshold", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  it("waits where unsettled cost alone reaches it, and never counts more than was kept", async () => {
    await fc.assert(
      fc.asyncProperty(laws, fc.integer({ min: 100, max: 101 }), async (law, used) => {
        const lags = learn({ laws: [lawOf(law)], from: addDays(END, -70), lastLook: END });
        const row = { provider: law.provider, service: "Compute" };
        await loadCube(engine, daily(addDays(END, -2), END, { ...row, effective: String(used / 2) }));
        const [status] = await evaluateBudgets(
          { engine, clock: testClock(`${END}T09:00:00Z`) },
          {
            budgets: [budget({ limit: fromInteger(100), alerts: [alert("100", "block"), alert("100")] })],
            cubeRelation: "cube",
            settledAfterDays: { default: 3 },
            lags,
          },
        );
        expect(status?.alerts.map(({ state }) => state)).toEqual(["waiting", "fired"]);
        const counted = Number(status?.unsettledLowerBound ?? 0n) / 1e18;
        const kept = [0, 1].map((age) => sureShare(lags, law.provider, "Compute", age));
        expect(counted).toBeLessThanOrEqual((used / 2) * ((kept[0] ?? 0) + (kept[1] ?? 0)) + 1e-9);
        expect(Math.max(...kept)).toBeLessThanOrEqual(0.98);
      }),
      { numRuns: 25 },
    );
  });
});
