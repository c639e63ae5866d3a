import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../shared/config/anomalies.ts";
import type { AnomalyConfig } from "../../../../shared/config/types.ts";
import { formatDecimal, fromInteger, parseDecimal } from "../../../../shared/core/decimal.ts";
import { detectAnomalies } from "../../../../shared/governance/anomalies/detect-anomalies.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, memoryStore, testClock, testEngine } from "../support.ts";
import { silentWatch } from "./observe/simple-watch.ts";

const clock = testClock("2024-09-20T09:00:00Z");
const config: AnomalyConfig = {
  ...toAnomalyConfig({}),
  overYesterday: { ratio: parseDecimal("1.5"), forMinutes: 30, floor: fromInteger(10) },
  absoluteJump: { amount: fromInteger(200) },
  rulesBy: ["provider", "service"],
};

describe("detectAnomalies", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  async function detect(rows: readonly CubeRow[], some: Partial<AnomalyConfig> = {}) {
    await loadCube(engine, rows);
    const { observations } = await detectAnomalies(
      { engine, clock, store: memoryStore() },
      {
        createWatch: silentWatch,
        cubeRelation: "cube",
        config: { ...config, ...some },
        settledAfterDays: { default: 2 },
        feedback: [],
        earlier: [],
      },
    );
    return observations;
  }
  const calm = daily("2024-09-01", "2024-09-19", { effective: "100" });

  it("says nothing about an even series", async () => {
    expect(await detect(daily("2024-09-01", "2024-09-21", { effective: "100" }))).toEqual([]);
  });

  it("reports a day over the ratio of the day before, with what was expected", async () => {
    const [seen, ...others] = await detect([...calm, { date: "2024-09-19", effective: "170", rows: 5 }]);
    expect(others).toEqual([]);
    expect(seen).toMatchObject({
      kind: "anomaly",
      rule: "over-yesterday",
      level: "warning",
      scope: { provider: ["aws"], service: ["Compute"] },
      period: { start: "2024-09-19", end: "2024-09-20" },
      subject: "USD",
      title: "aws / Compute cost 170.00 USD on 2024-09-19, against 100.00 the day before (1.70 ×)",
      evidence: { rows: 5, settledShare: "0", facts: { actual: "170", expected: "100", rules: "over-yesterday" } },
    });
    expect(formatDecimal(seen?.amount ?? fromInteger(0))).toBe("70");
  });

  it("makes one observation of a day that both rules see", async () => {
    const seen = await detect([...calm, { date: "2024-09-19", effective: "900" }]);
    expect(seen.map(({ rule, evidence }) => [rule, evidence.facts["rules"]])).toEqual([
      ["over-yesterday", "over-yesterday, absolute-jump"],
    ]);
  });

  it("reports a jump that the ratio does not see", async () => {
    const level = daily("2024-09-01", "2024-09-19", { effective: "1000" });
    const seen = await detect([...level, { date: "2024-09-19", effective: "1400" }]);
    expect(seen.map(({ rule, title }) => [rule, title])).toEqual([
      [
        "absolute-jump",
        "aws / Compute cost 1400.00 USD on 2024-09-19, against 1000.00 a day in the week before (1.40 ×)",
      ],
    ]);
  });

  it("does not judge old days", async () => {
    expect(
      await detect([
        ...daily("2024-09-01", "2024-09-10", { effective: "1" }),
        ...daily("2024-09-10", "2024-09-20", { effective: "900" }),
      ]),
    ).toEqual([]);
  });

  it("does not fire on a half-delivered day that is low", async () => {
    expect(await detect([...calm, { date: "2024-09-19", effective: "3" }])).toEqual([]);
  });

  it("does not take a day that a provider did not deliver for zero", async () => {
    const gap = daily("2024-09-01", "2024-09-18", { effective: "100" });
    const azure = daily("2024-09-01", "2024-09-21", { effective: "50", provider: "azure" });
    expect(await detect([...gap, ...azure, { date: "2024-09-19", effective: "100" }])).toEqual([]);
  });

  it("takes a service that did not exist the day before for new", async () => {
    const seen = await detect([
      ...calm,
      { date: "2024-09-19", effective: "100" },
      { date: "2024-09-19", service: "GPU", effective: "60" },
    ]);
    expect(seen.map(({ title }) => title)).toEqual([
      "aws / GPU cost 60.00 USD on 2024-09-19, against 0.00 the day before",
    ]);
  });

  it("shows the services and accounts that rose most", async () => {
    const day = (account: string, date: string, effective: string) => ({ account, date, effective, region: null });
    const rows = [
      day("a", "2024-09-18", "50"),
      day("b", "2024-09-18", "50"),
      day("a", "2024-09-19", "40"),
      day("b", "2024-09-19", "200"),
    ];
    const [seen] = await detect(rows, { rulesBy: ["provider", "region"] });
    expect(seen?.scope).toEqual({ provider: ["aws"], region: [""] });
    expect(seen?.evidence.contributors).toEqual([
      { keys: { service: "Compute", account: "b" }, amount: fromInteger(150) },
    ]);
  });

  it("looks at usage only", async () => {
    expect(
      await detect([
        ...calm,
        { date: "2024-09-19", effective: "100" },
        { date: "2024-09-19", charge_category: "Purchase", effective: "5000" },
      ]),
    ).toEqual([]);
  });

  it("keeps currencies apart and can watch everything at once", async () => {
    const rows = [
      ...calm,
      { date: "2024-09-19", effective: "100" },
      { date: "2024-09-18", currency: "EUR" },
      { date: "2024-09-19", currency: "EUR", effective: "80" },
    ];
    const seen = await detect(rows, { rulesBy: [] });
    expect(seen.map(({ subject, scope, currency }) => [subject, scope, currency])).toEqual([["EUR", {}, "EUR"]]);
  });
});
