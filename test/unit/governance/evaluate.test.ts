import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../shared/config/anomalies.ts";
import type { AnomalyConfig, Budget } from "../../../shared/config/types.ts";
import { fromInteger, parseDecimal } from "../../../shared/core/decimal.ts";
import { parseRates } from "../../../shared/core/rates.ts";
import { createConvert } from "../../../shared/governance/convert.ts";
import { type EvaluateInput, evaluate } from "../../../shared/governance/evaluate.ts";
import type { SqlEngine } from "../../../shared/ports/sql-engine.ts";
import { silentWatch } from "./anomalies/observe/simple-watch.ts";
import {
  alert,
  budget,
  type CubeRow,
  daily,
  loadCube,
  memoryStore,
  recordingBus,
  testClock,
  testEngine,
} from "./support.ts";

const anomalies: AnomalyConfig = {
  ...toAnomalyConfig({}),
  overYesterday: { ratio: parseDecimal("1.5"), forMinutes: 30, floor: fromInteger(10) },
  absoluteJump: { amount: fromInteger(200) },
  rulesBy: ["provider"],
};
const team: Budget = budget({
  name: "team/ml",
  limit: fromInteger(1000),
  scope: { team: ["ml"] },
  alerts: [alert("80"), alert("95", "throttle")],
});

describe("evaluate", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  function house(now = "2024-09-20T09:00:00Z") {
    const state = { store: memoryStore(), events: recordingBus() };
    return {
      ...state,
      async run(rows: readonly CubeRow[], input: Partial<EvaluateInput> = {}, at = now) {
        await loadCube(engine, rows);
        const deps = { engine, clock: testClock(at), ...state };
        return evaluate(deps, {
          budgets: [team],
          anomalies,
          settledAfterDays: { default: 2 },
          cubeRelation: "cube",
          evaluationId: "e-1",
          createWatch: silentWatch,
          ...input,
        });
      },
    };
  }
  const dear = daily("2024-09-01", "2024-09-17", { effective: "60" });
  const cheap = daily("2024-09-01", "2024-09-17", { effective: "20" });
  const states = ({ findings }: Awaited<ReturnType<typeof evaluate>>) =>
    findings.map(({ rule, state }) => [rule, state]);

  it("turns crossed thresholds into findings, once", async () => {
    const { run, events } = house();
    const first = await run(dear);
    const second = await run(dear);
    expect(first.changes.opened.map(({ rule }) => rule).sort()).toEqual([
      "threshold-80-actual-notify",
      "threshold-95-actual-throttle",
    ]);
    expect([second.changes.opened, second.changes.updated, second.changes.resolved]).toEqual([[], [], []]);
    expect(events.types().sort()).toEqual(["action.wanted", "finding.opened", "finding.opened"]);
    expect(second.budgets.map(({ used }) => used)).toEqual(["96.00"]);
  });

  it("tells enforcement where budgets with hard thresholds stand, what they are aimed at, and how fresh that is", async () => {
    const { standings } = await house().run(dear, {
      budgets: [team, budget({ name: "soft", limit: fromInteger(9000), alerts: [alert("80")] })],
    });
    expect(standings).toMatchObject({ evaluationId: "e-1", evaluatedAt: "2024-09-20T09:00:00.000Z" });
    expect(standings.standings).toEqual([
      expect.objectContaining({
        budget: "team/ml",
        used: "96.00",
        dataAsOf: "2024-09-17T00:00:00.000Z",
        missingRates: [],
        hoursLeft: parseDecimal("255"),
        alerts: [
          expect.objectContaining({
            rule: "threshold-95-actual-throttle",
            action: "throttle",
            state: "fired",
            at: parseDecimal("950"),
            targets: [{ team: ["ml"] }],
          }),
        ],
      }),
    ]);
    const calm = await house().run(cheap);
    expect(calm.standings.standings[0]?.alerts).toMatchObject([{ state: "ok", targets: [] }]);
  });

  it("resolves them when the bill is restated", async () => {
    const { run } = house();
    await run(dear);
    const restated = await run(cheap);
    expect(restated.changes.resolved.map(({ resolution }) => resolution)).toEqual([
      "restated: team/ml is no longer above the threshold",
      "restated: team/ml is no longer above the threshold",
    ]);
  });

  it("resolves findings of last month when last month is restated", async () => {
    const { run } = house();
    await run(dear);
    const later = await run(dear, {}, "2024-10-20T09:00:00Z");
    expect(states(later).every(([, state]) => state === "open")).toBe(true);
    const restated = await run(cheap, {}, "2024-10-20T09:00:00Z");
    expect(states(restated).every(([, state]) => state === "resolved")).toBe(true);
    expect(restated.budgets.map(({ period }) => period.start)).toEqual(["2024-10-01"]);
  });

  it("fires a threshold of last month while its last days come in", async () => {
    const { run } = house("2024-10-02T09:00:00Z");
    const report = await run([...daily("2024-09-01", "2024-10-01", { effective: "28" })]);
    expect(states(report)).toEqual([["threshold-80-actual-notify", "open"]]);
  });

  it("leaves findings of long ago as they are", async () => {
    const { run } = house();
    await run(dear);
    const report = await run(cheap, {}, "2025-06-20T09:00:00Z");
    expect(states(report).every(([, state]) => state === "open")).toBe(true);
  });

  it("resolves what is no longer configured", async () => {
    const { run } = house();
    await run(dear);
    const fewer = await run(dear, { budgets: [{ ...team, alerts: [alert("80")] }] });
    expect(fewer.changes.resolved.map(({ resolution }) => resolution)).toEqual([
      "the threshold is no longer configured",
    ]);
    const none = await run(dear, { budgets: [] });
    expect(none.changes.resolved.map(({ resolution }) => resolution)).toEqual(["the budget is no longer configured"]);
  });

  it("resolves a forecast finding in its own words", async () => {
    const { run } = house();
    const budgets = [{ ...team, alerts: [alert("100", "notify", "forecast")] }];
    await run(dear, { budgets });
    const calmer = await run(cheap, { budgets });
    expect(calmer.changes.resolved.map(({ resolution }) => resolution)).toEqual([
      "the forecast of team/ml is no longer above the threshold",
    ]);
  });

  it("tells of a missing rate, and resolves nothing for the want of one", async () => {
    const { run } = house();
    const euros = daily("2024-09-01", "2024-09-17", { effective: "60", currency: "EUR" });
    const convert = createConvert(parseRates("date,from,to,rate\n2024-01-01,EUR,USD,1\n", "rates.csv"));
    await run(euros, { convert });
    const without = await run(euros);
    expect(states(without).sort()).toEqual([
      ["missing-rate", "open"],
      ["threshold-80-actual-notify", "open"],
      ["threshold-95-actual-throttle", "open"],
    ]);
    const again = await run(euros, { convert });
    expect(again.changes.resolved.map(({ resolution }) => resolution)).toEqual(["every currency has a rate now"]);
  });

  it("reports anomalies and a tree that does not add up, and ends them", async () => {
    const { run } = house();
    const tree = [
      budget({ name: "company", limit: fromInteger(10_000) }),
      budget({ name: "child", limit: fromInteger(20_000), parent: "company" }),
    ];
    const spike = [
      ...daily("2024-09-01", "2024-09-19", { effective: "100" }),
      { date: "2024-09-19", effective: "400" },
    ];
    const first = await run(spike, { budgets: tree });
    expect(first.changes.opened.map(({ kind, rule }) => [kind, rule]).sort()).toEqual([
      ["anomaly", "over-yesterday"],
      ["budget-tree", "children-exceed-parent"],
    ]);
    const calm = daily("2024-09-01", "2024-09-20", { effective: "100" });
    const second = await run(calm, { budgets: tree.slice(0, 1) });
    expect(second.changes.resolved.map(({ resolution }) => resolution).sort()).toEqual([
      "restated: the day is no longer unusual",
      "the limits below this budget no longer add up to more than its own",
    ]);
  });

  it("leaves an anomaly of a day of which nothing is known any more, until it is over", async () => {
    const { run } = house();
    await run([...daily("2024-09-01", "2024-09-19", { effective: "100" }), { date: "2024-09-19", effective: "400" }], {
      budgets: [],
    });
    const report = await run([], { budgets: [] }, "2024-09-29T09:00:00Z");
    expect(states(report)).toEqual([["over-yesterday", "open"]]);
    const later = await run([], { budgets: [] }, "2024-10-03T09:00:00Z");
    expect(later.changes.resolved.map(({ resolution }) => resolution)).toEqual(["over: it was 14 days ago"]);
  });
});
