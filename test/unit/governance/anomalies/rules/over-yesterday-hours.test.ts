import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { parseDecimal } from "../../../../../shared/core/decimal.ts";
import type { Feedback } from "../../../../../shared/governance/anomalies/feedback/types.ts";
import { observeRules } from "../../../../../shared/governance/anomalies/rules/observe-rules.ts";
import { hoursOverYesterday } from "../../../../../shared/governance/anomalies/rules/over-yesterday-hours.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { loadCube, testEngine } from "../../support.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

const NOW = new Date("2024-09-28T21:20:00Z");

/** 20 an hour of one service up to 21:00, and whatever `cost` makes of the hours of the last day. */
async function load(cost: string, end = "2024-09-28 21:00"): Promise<void> {
  await engine.run(`CREATE OR REPLACE TEMP TABLE hourly AS SELECT hour, hour::DATE AS date, 'aws' AS provider, '1' AS account, 'GPU' AS service,
    'eu' AS region, 'USD' AS currency, 2::BIGINT AS rows, (CASE WHEN hour >= '2024-09-28' THEN ${cost} ELSE 20 END)::DECIMAL(38,18) AS effective
    FROM (SELECT unnest(range(TIMESTAMP '2024-08-28', TIMESTAMP '${end}', INTERVAL 1 HOUR)) AS hour)`);
}

function look(input: Parameters<typeof toAnomalyConfig>[0] = {}, feedback: readonly Feedback[] = []) {
  const config = toAnomalyConfig(input);
  const settledAfterDays = { default: 2 };
  return hoursOverYesterday(
    engine,
    { hourlyRelation: "hourly", config, settledAfterDays, feedback, judgedFrom: "2024-09-15" },
    NOW,
  );
}

describe("hoursOverYesterday", () => {
  it("tells hours in a row that cost more than those of the day before", async () => {
    await load("if(hour(hour) BETWEEN 14 AND 18, 50, 20)");
    const seen = await look();
    expect(seen).toMatchObject([
      {
        rule: "over-yesterday",
        scope: { provider: ["aws"], service: ["GPU"] },
        period: { start: "2024-09-28", end: "2024-09-29" },
        title:
          "aws / GPU cost 250.00 USD on 2024-09-28 from 14:00 to 19:00 UTC, against 100.00 in the same hours of the day before (2.50 ×)",
        amount: parseDecimal("150"),
        evidence: { rows: 10, settledShare: "0", facts: { hours: "5", sinceHour: "2024-09-28 14:00" } },
      },
    ]);
  });

  it("tells the largest run of a day only", async () => {
    await load("CASE WHEN hour(hour) IN (3, 4) THEN 90 WHEN hour(hour) = 14 THEN 70 ELSE 20 END");
    expect((await look()).map(({ evidence }) => evidence.facts["sinceHour"])).toEqual(["2024-09-28 03:00"]);
  });

  it("does not count an hour that is not over", async () => {
    await load("if(hour(hour) = 21, 900, 20)", "2024-09-28 22:00");
    expect(await look()).toEqual([]);
  });

  it("wants as many minutes in a row as are configured, and the floor", async () => {
    await load("if(hour(hour) = 14, 50, 20)");
    const rule = { ratio: parseDecimal("1.5"), forMinutes: 60, floor: parseDecimal("30") };
    expect(await look({ overYesterday: rule })).toHaveLength(1);
    expect(await look({ overYesterday: { ...rule, forMinutes: 61 } })).toEqual([]);
    expect(await look({ overYesterday: { ...rule, floor: parseDecimal("30.01") } })).toEqual([]);
  });

  it("says nothing where it is off, where the hours are not known by the dimensions, and where nothing was", async () => {
    await load("50");
    expect(await look({ rulesOff: ["over-yesterday"] })).toEqual([]);
    expect(await look({ rulesBy: ["team"] })).toEqual([]);
    await load("-1");
    expect(await look()).toEqual([]);
  });

  it("heeds planned days", async () => {
    await load("50");
    const planned: Feedback = {
      key: "k",
      id: "f",
      kind: "planned",
      scope: { provider: ["aws"] },
      currency: "USD",
      since: "2024-09-28",
      planned: { start: "2024-09-28", end: "2024-09-29" },
      actor: "ann",
      at: "2024-09-27T00:00:00Z",
    } as never;
    expect(await look()).toHaveLength(1);
    expect(await look({}, [planned])).toEqual([]);
  });
});

describe("observeRules by the hour", () => {
  it("tells one finding of a day, by its hours", async () => {
    await load("if(hour(hour) BETWEEN 2 AND 18, 60, 20)");
    await loadCube(engine, []);
    await engine.run(`INSERT INTO cube BY NAME SELECT date, strftime(date, '%Y-%m') AS billing_period, 'test' AS source, provider, account, service,
      region, 'Usage' AS charge_category, currency, 'ml' AS team, false AS metered, sum(rows)::BIGINT AS rows, sum(effective) AS effective
      FROM hourly GROUP BY ALL`);
    const input = {
      cubeRelation: "cube",
      config: toAnomalyConfig({ rulesOff: ["absolute-jump"] }),
      settledAfterDays: { default: 2 },
      feedback: [],
      earlier: [],
    };
    const byDay = await observeRules(engine, input, NOW);
    expect(byDay.observations.map(({ title }) => title)).toEqual([expect.stringContaining("on 2024-09-28, against")]);
    const byHour = await observeRules(engine, { ...input, hourlyRelation: "hourly" }, NOW);
    expect(byHour.observations.map(({ title }) => title)).toEqual([expect.stringContaining("from 02:00 to 19:00 UTC")]);
  });
});
