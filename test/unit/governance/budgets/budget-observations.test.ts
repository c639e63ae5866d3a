import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Budget } from "../../../../shared/config/types.ts";
import { formatDecimal, fromInteger } from "../../../../shared/core/decimal.ts";
import {
  budgetObservations,
  isCrossed,
  missingRateObservation,
} from "../../../../shared/governance/budgets/budget-observations.ts";
import { budgetsJson } from "../../../../shared/governance/budgets/budgets-json.ts";
import { evaluateBudgets } from "../../../../shared/governance/budgets/evaluate-budgets.ts";
import { explainBudgets } from "../../../../shared/governance/budgets/explain-budgets.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { alert, budget, type CubeRow, daily, loadCube, testClock, testEngine } from "../support.ts";

const clock = testClock("2024-09-20T09:00:00Z");

describe("budgetObservations", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  async function observe(one: Budget, rows: readonly CubeRow[], day?: string) {
    await loadCube(engine, rows);
    const input = { budgets: [one], cubeRelation: "cube", settledAfterDays: { default: 2, azure: 4 } };
    const earlier = day === undefined ? [] : [{ name: one.name, day }];
    const crossed = (await evaluateBudgets({ engine, clock }, { ...input, earlier })).filter(isCrossed);
    const explanations = await explainBudgets({ engine, clock }, input, crossed);
    return crossed.flatMap((status, index) => {
      const explanation = explanations[index];
      return explanation === undefined ? [] : budgetObservations(status, explanation);
    });
  }

  it("makes one observation per threshold that is reached", async () => {
    const one = budget({
      name: "team/ml",
      limit: fromInteger(1000),
      scope: { team: ["ml"] },
      alerts: [alert("80"), alert("100"), alert("90")],
    });
    const seen = await observe(one, daily("2024-09-01", "2024-09-10", { effective: "105", rows: 4 }));
    expect(seen.map(({ rule, level, title }) => [rule, level, title])).toEqual([
      [
        "threshold-80-actual-notify",
        "warning",
        "Budget team/ml has used 945.00 of 1000.00 USD (94.50 %) since 2024-09-01: threshold 80 %, notify",
      ],
      [
        "threshold-90-actual-notify",
        "warning",
        "Budget team/ml has used 945.00 of 1000.00 USD (94.50 %) since 2024-09-01: threshold 90 %, notify",
      ],
    ]);
    expect(seen[0]?.evidence).toMatchObject({
      rows: 36,
      settledShare: "1",
      waitsFor: "",
      facts: { threshold: "80%", used: "94.50%" },
    });
  });

  it("shows the five largest contributors by service and account", async () => {
    const rows = Array.from({ length: 7 }, (_, index) => ({
      date: "2024-09-02",
      service: `S${index}`,
      effective: String(index * 10),
    }));
    const [seen] = await observe(budget({ limit: fromInteger(100), alerts: [alert("50")] }), rows);
    expect(
      seen?.evidence.contributors.map(({ keys, amount }) => [keys["service"], keys["account"], formatDecimal(amount)]),
    ).toEqual([
      ["S6", "111", "60"],
      ["S5", "111", "50"],
      ["S4", "111", "40"],
      ["S3", "111", "30"],
      ["S2", "111", "20"],
    ]);
  });

  it("says what a hard threshold waits for, and wants nothing until then", async () => {
    const one = budget({ name: "global", limit: fromInteger(1000), alerts: [alert("95", "throttle")] });
    const [seen] = await observe(one, [
      { date: "2024-09-01", effective: "900" },
      { date: "2024-09-18", effective: "30" },
      { date: "2024-09-19", effective: "10" },
      { date: "2024-09-16", effective: "12", provider: "azure" },
    ]);
    expect(seen?.wantedActions).toEqual([]);
    expect(seen?.evidence.waitsFor).toBe(
      "the cost of aws on 2024-09-18..2024-09-19, azure on 2024-09-16 to settle; 946.80 of 950.00 USD can be relied on so far",
    );
    expect(seen?.title).toContain("throttle waits");
  });

  it("aims throttle on the global budget at the largest contributors that cover the excess", async () => {
    const one = budget({ name: "global", limit: fromInteger(1000), alerts: [alert("100", "throttle")] });
    const [seen] = await observe(one, [
      { date: "2024-09-01", effective: "900", team: "unallocated" },
      { date: "2024-09-01", effective: "400", team: "ml", provider: "gcp" },
      { date: "2024-09-01", effective: "300", team: "ml" },
      { date: "2024-09-01", effective: "50", team: "web" },
    ]);
    expect(seen?.wantedActions).toEqual([
      {
        action: "throttle",
        targets: [
          { team: ["ml"], provider: ["gcp"] },
          { team: ["ml"], provider: ["aws"] },
        ],
      },
    ]);
  });

  it("aims at no more than five", async () => {
    const rows = Array.from({ length: 9 }, (_, index) => ({ date: "2024-09-01", effective: "10", team: `t${index}` }));
    const [seen] = await observe(budget({ limit: fromInteger(1), alerts: [alert("100", "block")] }), rows);
    expect(seen?.wantedActions[0]?.targets.map(({ team }) => team)).toEqual([["t0"], ["t1"], ["t2"], ["t3"], ["t4"]]);
  });

  it("aims a hard threshold of a scoped budget at its scope", async () => {
    const one = budget({ limit: fromInteger(100), scope: { team: ["ml"] }, alerts: [alert("100", "block")] });
    const [seen] = await observe(one, daily("2024-09-01", "2024-09-02", { effective: "200" }));
    expect(seen?.wantedActions).toEqual([{ action: "block", targets: [{ team: ["ml"] }] }]);
  });

  it("wants no hard action for a period that has ended", async () => {
    const one = budget({ limit: fromInteger(100), scope: { team: ["ml"] }, alerts: [alert("100", "block")] });
    const [seen] = await observe(one, daily("2024-08-01", "2024-08-02", { effective: "200" }), "2024-08-01");
    expect([seen?.period.start, seen?.wantedActions]).toEqual(["2024-08-01", []]);
  });

  it("names the currencies that are missing from a budget", async () => {
    await loadCube(engine, [{ date: "2024-09-01", effective: "1", currency: "EUR" }]);
    const input = {
      budgets: [budget({ name: "eu", limit: fromInteger(1) })],
      cubeRelation: "cube",
      settledAfterDays: {},
    };
    const [status] = await evaluateBudgets({ engine, clock }, input);
    expect(status === undefined ? undefined : missingRateObservation(status)).toMatchObject({
      kind: "source",
      rule: "missing-rate",
      subject: "eu",
      title: "Budget eu leaves out cost in EUR: there is no exchange rate to USD",
    });
  });

  it("prints the document of genops budgets, with the time at which a threshold fired", async () => {
    await loadCube(engine, daily("2024-09-01", "2024-09-10", { effective: "100" }));
    const one = budget({
      name: "team/ml",
      limit: fromInteger(1000),
      scope: { team: ["ml"] },
      alerts: [alert("80"), alert("95", "throttle")],
    });
    const statuses = await evaluateBudgets(
      { engine, clock },
      { budgets: [one], cubeRelation: "cube", settledAfterDays: { default: 2 } },
    );
    const key = findingKey({
      kind: "budget",
      scope: { team: ["ml"] },
      period: { start: "2024-09-01", end: "2024-10-01" },
      rule: "threshold-80-actual-notify",
      subject: "team/ml",
      level: "warning",
    });
    expect(budgetsJson(statuses, [{ key, openedAt: "2024-09-09T06:00:00.000Z" }])).toEqual({
      budgets: [
        {
          name: "team/ml",
          scope: { team: ["ml"] },
          period: { start: "2024-09-01", end: "2024-10-01" },
          limit: "1000",
          currency: "USD",
          actual: "900",
          forecast: { amount: "3000", low: "2687.14", high: "3312.86" },
          used: "90.00",
          settled: "1",
          expected: "900",
          completeness: "1",
          alerts: [
            { threshold: "80", basis: "actual", action: "notify", state: "fired", firedAt: "2024-09-09T06:00:00.000Z" },
            { threshold: "95", basis: "actual", action: "throttle", state: "ok", firedAt: null },
          ],
        },
      ],
    });
  });
});
