import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { observeRules } from "../../../../../shared/governance/anomalies/rules/observe-rules.ts";
import { unitCostDrifts } from "../../../../../shared/governance/anomalies/rules/unit-cost-drifts.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, testEngine } from "../../support.ts";

const now = new Date("2024-09-20T09:00:00Z");
const NAMES = [
  "'; DROP TABLE cube; --",
  '"quoted" \\ back',
  "$1 %s {}",
  "line\nbreak",
  "\u202Eevil\u001B[31m",
  "コスト 🚀",
  "__proto__",
];

describe("names out of bills", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  async function observe(rows: readonly CubeRow[]) {
    await loadCube(engine, rows);
    const input = { cubeRelation: "cube", config: toAnomalyConfig({}), settledAfterDays: { default: 1 }, feedback: [] };
    return (await observeRules(engine, { ...input, earlier: [] }, now)).observations;
  }

  it.each(NAMES)("go through the rules as they are: %j", async (name) => {
    const seen = await observe([
      ...daily("2024-08-01", "2024-09-20", { effective: "50", service: name, account: name }),
      { date: "2024-09-20", effective: "250", service: name, account: name },
      ...daily("2024-08-01", "2024-09-17", { effective: "50", service: `${name} gone`, account: name }),
      ...daily("2024-09-17", "2024-09-21", { effective: "0", service: `${name} gone`, account: name }),
      { date: "2024-09-20", effective: "20", service: name, account: name, region: name },
    ]);
    expect(seen.map(({ rule, scope }) => [rule, scope["service"] ?? scope["region"]])).toEqual([
      ["over-yesterday", [name]],
      ["spend-at-zero", [`${name} gone`]],
      ["first-use", [name]],
    ]);
    expect(seen[0]?.evidence.contributors.map(({ keys }) => keys)).toEqual([{ service: name, account: name }]);
  });

  it("bring nothing about without rows, with one, or with nothing but credits", async () => {
    expect(await observe([])).toEqual([]);
    expect(await observe([{ date: "2024-09-20", effective: "1000000" }])).toEqual([]);
    expect(await observe(daily("2024-08-01", "2024-09-21", { effective: "-100" }))).toEqual([]);
    expect(
      await unitCostDrifts(engine, {
        config: toAnomalyConfig({}),
        settledAfterDays: {},
        today: "2024-09-20",
        cautionOf: () => 1,
      }),
    ).toEqual([]);
  });

  it("compares a day after a refund with nothing, not with less", async () => {
    const rows = daily("2024-08-01", "2024-09-19", { effective: "100" });
    const [seen, ...others] = await observe([
      ...rows,
      { date: "2024-09-19", effective: "-5000" },
      { date: "2024-09-20", effective: "100" },
    ]);
    expect(others).toEqual([]);
    expect(seen?.title).toBe("aws / Compute cost 100.00 USD on 2024-09-20, against 0.00 the day before");
  });
});
