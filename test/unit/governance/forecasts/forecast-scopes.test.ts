import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Decimal, formatDecimal, sum } from "../../../../shared/core/decimal.ts";
import { forecastScopes } from "../../../../shared/governance/forecasts/forecast-scopes.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, testClock, testEngine } from "../support.ts";

const SETTLED = { cubeRelation: "cube", settledAfterDays: { default: 2 }, currency: "USD" };
const clock = testClock("2024-09-11T09:00:00Z");

const ROWS: CubeRow[] = [
  ...daily("2024-06-01", "2024-09-11", { effective: "10.01", team: "ml" }),
  ...daily("2024-06-01", "2024-09-11", { effective: "100.3", team: "web", provider: "gcp" }),
  ...daily("2024-08-01", "2024-09-11", { effective: "1", team: "ml", region: "eu" }),
];

describe("forecastScopes", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  it("forecasts the month per value, the largest first, and parts add up to the total", async () => {
    await loadCube(engine, ROWS);
    const { total, parts } = await forecastScopes({ engine, clock }, { ...SETTLED, by: "team" });
    expect(parts.map(({ name, scope }) => [name, scope])).toEqual([
      ["web", { team: ["web"] }],
      ["ml", { team: ["ml"] }],
    ]);
    expect(total.period).toEqual({ start: "2024-09-01", end: "2024-10-01" });
    const all = (of: (part: (typeof parts)[number]) => Decimal) => formatDecimal(sum(parts.map(of)));
    expect(all(({ actual }) => actual)).toBe(formatDecimal(total.actual));
    expect(all(({ forecast }) => forecast.amount)).toBe(formatDecimal(total.forecast.amount));
    expect(Number(formatDecimal(total.forecast.amount))).toBeCloseTo(30 * 111.31, -2);
    for (const { forecast } of [total, ...parts]) {
      expect(forecast.low < forecast.amount && forecast.amount < forecast.high).toBe(true);
    }
  });

  it("names cost that has no value", async () => {
    await loadCube(engine, ROWS);
    const { parts } = await forecastScopes({ engine, clock }, { ...SETTLED, by: "region" });
    expect(parts.map(({ name }) => name)).toEqual(["", "eu"]);
  });

  it("says which currencies are missing", async () => {
    await loadCube(engine, daily("2024-09-01", "2024-09-11", { effective: "10", currency: "EUR" }));
    const { total } = await forecastScopes({ engine, clock }, { ...SETTLED, by: "provider" });
    expect(total.missingRates).toEqual(["EUR"]);
  });

  it("has a total of nothing without cost", async () => {
    await loadCube(engine, []);
    const { total, parts } = await forecastScopes({ engine, clock }, { ...SETTLED, by: "provider" });
    expect([formatDecimal(total.forecast.amount), parts]).toEqual(["0", []]);
  });

  it("refuses what is no dimension of the cube", async () => {
    await expect(forecastScopes({ engine, clock }, { ...SETTLED, by: "date" })).rejects.toThrow(
      /--by date: use one of source, provider, account, service/,
    );
  });
});
