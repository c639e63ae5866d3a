import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, multiply, parseDecimal } from "../../../../shared/core/decimal.ts";
import { type EvaluateBudgetsInput, evaluateBudgets } from "../../../../shared/governance/budgets/evaluate-budgets.ts";
import type { Convert } from "../../../../shared/governance/convert.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { alert, budget, daily, loadCube, testClock, testEngine } from "../support.ts";

const clock = testClock("2024-09-20T09:00:00Z");

describe("evaluateBudgets", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  async function evaluateOne(input: Partial<EvaluateBudgetsInput>) {
    const statuses = await evaluateBudgets(
      { engine, clock },
      { budgets: [], cubeRelation: "cube", settledAfterDays: { default: 2 }, ...input },
    );
    const [status] = statuses;
    if (status === undefined) throw new Error("no status");
    return status;
  }

  it("asks the engine once for any number of budgets", async () => {
    await loadCube(engine, daily("2024-09-01", "2024-09-20", { effective: "10" }));
    const asked: string[] = [];
    const counting: SqlEngine = {
      ...engine,
      query(sql, parameters) {
        asked.push(sql);
        return engine.query(sql, parameters);
      },
    };
    const budgets = Array.from({ length: 1000 }, (_, index) =>
      budget({
        name: `b${index}`,
        limit: fromInteger(index + 1),
        scope: index % 2 === 0 ? { team: ["ml"] } : { provider: ["aws", "azure"], project: [`p'${index}`, "search"] },
        period: { every: (["day", "week", "month", "quarter", "year"] as const)[index % 5] ?? "day" },
        excludeCategories: index % 3 === 0 ? ["Tax"] : [],
      }),
    );
    const statuses = await evaluateBudgets(
      { engine: counting, clock },
      { budgets, cubeRelation: "cube", settledAfterDays: { default: 2 } },
    );
    expect(asked).toHaveLength(1);
    expect(statuses.map(({ budget: { name } }) => name)).toEqual(budgets.map(({ name }) => name));
    expect(statuses.slice(0, 5).map(({ actual }) => formatDecimal(actual))).toEqual(["0", "40", "190", "190", "190"]);
  });

  it("counts a row once though its budget accepts several values", async () => {
    await loadCube(engine, daily("2024-09-01", "2024-09-03", { effective: "5" }));
    const one = budget({ limit: fromInteger(10), scope: { team: ["ml", "ml", "web"], provider: ["aws", "gcp"] } });
    expect(formatDecimal((await evaluateOne({ budgets: [one] })).actual)).toBe("10");
  });

  it("matches rows without a value where the scope says so", async () => {
    await loadCube(engine, [
      { date: "2024-09-01", effective: "1", region: null },
      { date: "2024-09-01", effective: "2", region: "eu" },
      { date: "2024-09-01", effective: "4", region: "us" },
    ]);
    const one = budget({ limit: fromInteger(10), scope: { region: ["", "us"] } });
    expect(formatDecimal((await evaluateOne({ budgets: [one] })).actual)).toBe("5");
  });

  it("selects months by billing period and weeks by charge date", async () => {
    await loadCube(engine, [
      { date: "2024-08-31", billing_period: "2024-09", effective: "1" },
      { date: "2024-09-16", effective: "10" },
      { date: "2024-09-17", billing_period: "2024-10", effective: "100" },
    ]);
    const month = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })] });
    const week = await evaluateOne({ budgets: [budget({ limit: fromInteger(10), period: { every: "week" } })] });
    expect([formatDecimal(month.actual), formatDecimal(week.actual)]).toEqual(["11", "110"]);
  });

  it("settles a day when its provider's days have passed since it ended, and metered rows at once", async () => {
    await loadCube(engine, [
      { date: "2024-09-17", effective: "1" },
      { date: "2024-09-18", effective: "10" },
      { date: "2024-09-16", effective: "100", provider: "azure" },
      { date: "2024-09-19", effective: "1000", metered: true },
    ]);
    const status = await evaluateOne({
      budgets: [budget({ limit: fromInteger(10) })],
      settledAfterDays: { default: 2, azure: 4 },
    });
    expect([formatDecimal(status.settledActual), formatDecimal(status.unsettledActual)]).toEqual(["1001", "110"]);
    expect(status.settledShare).toBe("0.901");
  });

  it("counts nine tenths of unsettled days as sure, and negative days in full", async () => {
    await loadCube(engine, [
      { date: "2024-09-18", effective: "100" },
      { date: "2024-09-19", effective: "-30" },
    ]);
    const status = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })] });
    expect([formatDecimal(status.unsettledActual), formatDecimal(status.unsettledLowerBound)]).toEqual(["70", "60"]);
  });

  it("forecasts what is still to come, and looks back on sixteen weeks and no further", async () => {
    await loadCube(engine, [
      ...daily("2024-05-02", "2024-05-31", { effective: "2800" }),
      ...daily("2024-05-31", "2024-09-18", { effective: "10" }),
    ]);
    const { forecast, actual } = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })] });
    // 170 so far and 13 open days at 10.
    expect(Number(formatDecimal(forecast.amount))).toBeCloseTo(300, 0);
    expect(actual < forecast.low && forecast.low < forecast.amount && forecast.amount < forecast.high).toBe(true);
  });

  it("forecasts fees apart from use: one that came on the 25th of each month comes again", async () => {
    await loadCube(engine, [
      ...daily("2024-05-31", "2024-09-20", { effective: "10" }),
      ...["2024-06-25", "2024-07-25", "2024-08-25"].map((date) => ({
        date,
        effective: "500",
        charge_category: "Purchase",
      })),
    ]);
    const { forecast } = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })] });
    expect(Number(formatDecimal(forecast.amount))).toBeCloseTo(800, -1);
    const usage = await evaluateOne({ budgets: [budget({ limit: fromInteger(10), excludeCategories: ["Purchase"] })] });
    expect(Number(formatDecimal(usage.forecast.amount))).toBeCloseTo(300, -1);
  });

  it("does not take days before a new scope's first cost for free days", async () => {
    await loadCube(engine, daily("2024-09-14", "2024-09-18", { effective: "10" }));
    const status = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })] });
    expect(Number(formatDecimal(status.forecast.amount))).toBeCloseTo(170, 0);
  });

  it("relies on what days of a service and of its provider kept, and says what they will end at", async () => {
    await loadCube(engine, [
      { date: "2024-09-10", effective: "1000" },
      // Unsettled: two days of a service that is learnt apart, one of another, one of a provider of which nothing is known.
      { date: "2024-09-18", effective: "100" },
      { date: "2024-09-19", effective: "100" },
      { date: "2024-09-19", effective: "100", service: "Other" },
      { date: "2024-09-19", effective: "100", provider: "elsewhere" },
      // Not over yet: what it still brings is no lag.
      { date: "2024-09-20", effective: "100" },
    ]);
    const lag = (...shares: number[]) => ({ days: 40, ages: shares.map((share) => ({ share, spread: 0 })) });
    const services = new Map([["Compute", lag(0.5, 1.25)]]);
    const lags = { providers: new Map([["aws", { ...lag(0.8, 1), services }]]), unreadable: [] };
    const status = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })], lags });
    // Sure: 80 + 98 + 98 + 90 + 98. At the end: 80 + 200 + 125 + 100 / 0.85 + 100.
    expect([status.settledActual, status.unsettledLowerBound, status.expectedActual].map(formatDecimal)).toEqual([
      "1000",
      "464",
      "1622.6",
    ]);
    const own = await evaluateOne({
      budgets: [budget({ limit: fromInteger(10), scope: { service: ["Compute"] } })],
      lags,
      convert: ({ amount }, to) => ({ amount, currency: to }),
    });
    expect([own.unsettledLowerBound, own.expectedActual].map(formatDecimal)).toEqual([
      formatDecimal(fromInteger(80 + 98 + 90 + 98)),
      "1497.6",
    ]);
  });

  it("converts each day at its own rate", async () => {
    await loadCube(engine, [
      { date: "2024-09-01", effective: "10", currency: "EUR" },
      { date: "2024-09-02", effective: "10", currency: "EUR" },
      { date: "2024-09-02", effective: "1" },
    ]);
    const convert: Convert = ({ amount }, to, day) => ({
      amount: multiply(amount, parseDecimal(day === "2024-09-01" ? "1.1" : "1.2")),
      currency: to,
    });
    const status = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })], convert });
    expect([formatDecimal(status.actual), status.missingRates]).toEqual(["24", []]);
  });

  it("names currencies without a rate and leaves their cost out", async () => {
    await loadCube(engine, [
      { date: "2024-09-01", effective: "10", currency: "EUR" },
      { date: "2024-09-02", effective: "1" },
    ]);
    const status = await evaluateOne({ budgets: [budget({ limit: fromInteger(10) })] });
    expect([formatDecimal(status.actual), status.missingRates]).toEqual(["1", ["EUR"]]);
  });

  it("does not miss a rate for cost outside the period, unless an alert looks at the forecast", async () => {
    await loadCube(engine, [
      { date: "2024-09-01", effective: "10", currency: "EUR" },
      { date: "2024-09-20", effective: "1" },
    ]);
    const day = budget({ limit: fromInteger(10), period: { every: "day" } });
    const forecast = { ...day, alerts: [{ ...alert("100"), basis: "forecast" as const }] };
    expect((await evaluateOne({ budgets: [day] })).missingRates).toEqual([]);
    expect((await evaluateOne({ budgets: [forecast] })).missingRates).toEqual(["EUR"]);
  });

  it("says how much of the limit is used, also of a limit of zero", async () => {
    await loadCube(engine, daily("2024-09-01", "2024-09-02", { effective: "1" }));
    const third = await evaluateOne({ budgets: [budget({ limit: fromInteger(3) })] });
    const none = await evaluateOne({ budgets: [budget({ limit: fromInteger(0), alerts: [alert("100")] })] });
    expect([third.used, none.used, none.alerts[0]?.state]).toEqual(["33.33", "100.00", "fired"]);
  });

  it("is zero and fires nothing over an empty cube", async () => {
    await loadCube(engine, []);
    const status = await evaluateOne({
      budgets: [budget({ limit: fromInteger(0), alerts: [alert("0"), alert("80")] })],
    });
    expect([formatDecimal(status.actual), status.used, status.settledShare]).toEqual(["0", "0.00", "1"]);
    expect(status.alerts.map(({ state }) => state)).toEqual(["ok", "ok"]);
  });

  it("evaluates earlier periods when asked, each once and after the current ones", async () => {
    await loadCube(engine, [
      { date: "2024-08-31", effective: "7" },
      { date: "2024-09-01", effective: "1" },
    ]);
    const budgets = [budget({ limit: fromInteger(3) })];
    const earlier = ["2024-08-01", "2024-08-09", "2024-09-09"].map((day) => ({ name: "test", day }));
    const statuses = await evaluateBudgets(
      { engine, clock },
      {
        budgets,
        cubeRelation: "cube",
        settledAfterDays: { default: 2 },
        earlier: [...earlier, { name: "gone", day: "2024-08-01" }],
      },
    );
    expect(statuses.map(({ current, period, actual }) => [current, period.start, formatDecimal(actual)])).toEqual([
      [true, "2024-09-01", "1"],
      [false, "2024-08-01", "7"],
    ]);
  });

  it("refuses a scope with more combinations than anybody means", async () => {
    const many = Array.from({ length: 200 }, (_, index) => `v${index}`);
    const one = budget({ name: "wide", limit: fromInteger(1), scope: { team: many, project: many } });
    await expect(evaluateOne({ budgets: [one] })).rejects.toThrow(
      'the scope of budget "wide" has more than 20000 combinations of values',
    );
  });

  it("answers many shapes and many cut dates alike", async () => {
    await loadCube(engine, daily("2024-01-01", "2024-09-20", { effective: "1", region: "eu" }));
    const names = ["account", "environment", "project", "provider", "region", "service", "team"] as const;
    const values = {
      account: "111",
      environment: "prod",
      project: "search",
      provider: "aws",
      region: "eu",
      service: "Compute",
      team: "ml",
    };
    const budgets = names.map((name, index) =>
      budget({
        name,
        limit: fromInteger(1),
        scope: { [name]: [values[name]] },
        period: { every: "custom", start: `2024-01-${10 + index}`, end: `2024-02-${10 + index}` },
      }),
    );
    const statuses = await evaluateBudgets(
      { engine, clock },
      { budgets, cubeRelation: "cube", settledAfterDays: { default: 2 } },
    );
    expect(statuses.map(({ actual }) => formatDecimal(actual))).toEqual(names.map(() => "31"));
  });
});
