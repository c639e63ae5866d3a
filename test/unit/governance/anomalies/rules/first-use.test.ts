import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, ZERO } from "../../../../../shared/core/decimal.ts";
import { firstUses } from "../../../../../shared/governance/anomalies/rules/first-use.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, testEngine } from "../../support.ts";

describe("firstUses", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  const old = [
    ...daily("2024-08-01", "2024-09-21", { effective: "100", region: "eu-1" }),
    ...daily("2024-08-01", "2024-09-21", { effective: "100", account: "222", service: "Storage", region: "us-1" }),
  ];

  async function seen(
    rows: readonly CubeRow[],
    options: { history?: number; caution?: number; base?: CubeRow[] } = {},
  ) {
    await loadCube(engine, [...(options.base ?? old), ...rows]);
    return firstUses(engine, {
      cubeRelation: "cube",
      config: { firstUse: { floor: fromInteger(10), historyDays: options.history ?? 30 } },
      today: "2024-09-20",
      watchedDays: 14,
      cautionOf: () => options.caution ?? 1,
    });
  }

  it("says nothing where everything was used before", async () => {
    expect(await seen([])).toEqual([]);
  });

  it("reports a region that nobody had, with what it has cost so far", async () => {
    const [found, ...others] = await seen(daily("2024-09-19", "2024-09-21", { effective: "30", region: "ap-9" }));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      rule: "first-use",
      scope: { provider: ["aws"], region: ["ap-9"] },
      period: { start: "2024-09-19", end: "2024-09-20" },
      raisedOn: "2024-09-19",
      title: "First use of region aws / ap-9 on 2024-09-19 in account 111, new to the organisation: 60.00 USD so far",
      evidence: { rows: 2, facts: { expected: "0", new: "region, nobody had it before", since: "2024-09-19" } },
    });
    expect(formatDecimal(found?.amount ?? ZERO)).toBe("60");
    expect(found?.evidence.contributors).toEqual([
      { keys: { account: "111", service: "Compute", region: "ap-9" }, amount: fromInteger(60) },
    ]);
    expect(found?.evidence.facts["history"]).toBe("2024-09-12 0,0,0,0,0,0,0,30,30");
  });

  it("takes off what was given back", async () => {
    const rows = [
      { date: "2024-09-19", effective: "100", region: "ap-9" },
      { date: "2024-09-20", effective: "-80", region: "ap-9", team: "web" },
    ];
    expect((await seen(rows)).map(({ amount }) => formatDecimal(amount))).toEqual(["20"]);
    expect(await seen([...rows, { date: "2024-09-20", effective: "-20", region: "ap-9" }])).toEqual([]);
  });

  it("reports a service that an account has never paid for, though others have", async () => {
    const [found] = await seen([{ date: "2024-09-20", effective: "50", account: "222", service: "Compute" }]);
    expect(found).toMatchObject({
      scope: { provider: ["aws"], service: ["Compute"] },
      title: "First use of service aws / Compute on 2024-09-20 in account 222: 50.00 USD so far",
      evidence: { facts: { new: "service in account 222" } },
    });
  });

  it("makes one observation of the accounts that begin on one day", async () => {
    const base = [...old, ...daily("2024-08-01", "2024-09-21", { effective: "1", account: "333" })];
    const found = await seen(
      ["222", "333"].map((account) => ({ date: "2024-09-20", effective: "50", account, service: "AI" })),
      { base },
    );
    expect(found.map(({ title }) => title)).toEqual([
      "First use of service aws / AI on 2024-09-20 in 2 accounts, new to the organisation: 100.00 USD so far",
    ]);
  });

  it("tells a new service in a new region once", async () => {
    const found = await seen([
      { date: "2024-09-20", effective: "50", service: "AI", region: "ap-9" },
      { date: "2024-09-20", effective: "5", service: "Compute", region: "ap-9" },
    ]);
    expect(found.map(({ scope }) => scope)).toEqual([{ provider: ["aws"], region: ["ap-9"] }]);
  });

  it("waits until the floor is reached, and knows the day on which it was", async () => {
    const slowly = daily("2024-09-10", "2024-09-21", { effective: "1", region: "ap-9" });
    expect((await seen(slowly)).map(({ period, raisedOn }) => [period.start, raisedOn])).toEqual([
      ["2024-09-10", "2024-09-19"],
    ]);
    expect(await seen(slowly, { caution: 1.5 })).toEqual([]);
    expect(await seen(slowly.slice(0, 9))).toEqual([]);
  });

  it("knows no novelty without history: in a fresh lake, or in a new account", async () => {
    const fresh = daily("2024-09-15", "2024-09-21", { effective: "100", region: "eu-1" });
    expect(await seen([], { base: fresh })).toEqual([]);
    expect(await seen([{ date: "2024-09-20", effective: "50", region: "ap-9" }], { base: fresh })).toEqual([]);
    expect(await seen([{ date: "2024-09-20", effective: "50", account: "999", region: "eu-1" }])).toEqual([]);
  });

  it("reports a new account in a region that the organisation has never had", async () => {
    const found = await seen([{ date: "2024-09-20", effective: "50", account: "999", region: "ap-9" }]);
    expect(found.map(({ scope }) => scope)).toEqual([{ provider: ["aws"], region: ["ap-9"] }]);
  });

  it("reads usage only, and no refunds", async () => {
    expect(
      await seen([
        { date: "2024-09-20", effective: "50", region: "ap-8", charge_category: "Purchase" },
        { date: "2024-09-20", effective: "-50", region: "ap-9" },
      ]),
    ).toEqual([]);
  });

  it("keeps currencies and providers apart", async () => {
    const base = [...old, ...daily("2024-08-01", "2024-09-21", { effective: "1", provider: "gcp", account: "g" })];
    const found = await seen(
      [
        { date: "2024-09-20", effective: "50", provider: "gcp", account: "g", region: "eu-1" },
        { date: "2024-09-20", effective: "50", region: "ap-9", currency: "EUR" },
      ],
      { base },
    );
    expect(found.map(({ scope, currency }) => [scope["provider"], currency]).sort()).toEqual([
      [["aws"], "EUR"],
      [["gcp"], "USD"],
    ]);
  });

  it("leaves what began before the watched days", async () => {
    expect(await seen(daily("2024-09-06", "2024-09-21", { effective: "50", region: "ap-9" }))).toEqual([]);
    expect(await seen(daily("2024-09-07", "2024-09-21", { effective: "50", region: "ap-9" }))).toHaveLength(1);
  });
});
