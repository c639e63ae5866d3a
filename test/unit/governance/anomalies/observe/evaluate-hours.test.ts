import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { giveFeedback } from "../../../../../shared/governance/anomalies/feedback/give-feedback.ts";
import { evaluate } from "../../../../../shared/governance/evaluate.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { loadCube, memoryStore, recordingBus, testClock, testEngine } from "../../support.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

interface Incident {
  from: string;
  until: string;
  times: number;
  /** Of which service in account `a`; empty: of every service and account. */
  service?: string;
}
const NOTHING: Incident = { from: "2024-01-01", until: "2024-01-01", times: 1 };
const SPIKE: Incident = { from: "2024-09-28 14:00", until: "2024-09-28 19:00", times: 6 };
const MEMORY = "evaluation/anomalies-hourly.json";

/** 36 days of two services in each of two accounts, by the hour up to the end: nights and weekends cost less, 3 % of noise. */
async function loadBill({ from, until, times, service = "GPU" }: Incident, end: string): Promise<void> {
  await engine.run(`CREATE OR REPLACE TEMP TABLE hourly AS SELECT
    hour, hour::DATE AS date, 'aws' AS provider, account, service, 'eu' AS region, 'USD' AS currency, 'Usage' AS charge_category,
    if(account = 'a', 'research', 'shop') AS team, false AS metered, 1::BIGINT AS rows,
    (level * if(dayofweek(hour) IN (0, 6), 0.7, 1) * (1 + 0.4 * sin(hour(hour) * pi() / 12))
      * (1 + 0.03 * (hash(epoch(hour) + level) % 2001 / 1000.0 - 1))
      * if((service = '${service}' AND account = 'a' OR '${service}' = '') AND hour >= '${from}' AND hour < '${until}', ${times}, 1)
    )::DECIMAL(38,18) AS effective, effective::DOUBLE AS cost
  FROM (SELECT unnest(range(TIMESTAMP '2024-08-20', TIMESTAMP '${end}', INTERVAL 1 HOUR)) AS hour),
    (VALUES ('a', 'GPU', 30), ('a', 'Disk', 12), ('b', 'GPU', 50), ('b', 'Disk', 8)) AS one(account, service, level)`);
  await loadCube(engine, []);
  await engine.run(`INSERT INTO cube BY NAME SELECT date, strftime(date, '%Y-%m') AS billing_period, 'test' AS source, provider, account,
    service, region, charge_category, currency, team, metered, sum(rows)::BIGINT AS rows, sum(effective) AS effective FROM hourly GROUP BY ALL`);
}

function house() {
  const deps = { store: memoryStore(), events: recordingBus() };
  return {
    ...deps,
    async run(incident: Incident, now = "2024-09-28T21:20:00Z", end = "2024-09-28 20:00") {
      await loadBill(incident, end);
      const input = { budgets: [], anomalies: toAnomalyConfig({ rulesOff: ["over-yesterday", "absolute-jump"] }) };
      const report = await evaluate(
        { engine, clock: testClock(now), ...deps },
        {
          ...input,
          settledAfterDays: { default: 2 },
          cubeRelation: "cube",
          hourlyRelation: "hourly",
          evaluationId: now,
        },
      );
      return { ...report, hours: report.findings.filter(({ rule }) => rule === "unusual-hour") };
    },
  };
}

describe("evaluate with costs by the hour", () => {
  it("finds nothing unusual in ordinary hours", async () => {
    const { findings } = await house().run(NOTHING);
    expect(findings).toEqual([]);
  });

  it("tells a spike of five hours on the same day, once, in money", async () => {
    const { run } = house();
    const { hours, findings } = await run(SPIKE);
    expect(findings).toEqual(hours);
    expect(hours).toMatchObject([
      {
        state: "open",
        level: "warning",
        scope: { provider: ["aws"], account: ["a"], service: ["GPU"] },
        period: { start: "2024-09-28", end: "2024-09-29" },
        evidence: {
          rows: 5,
          facts: { direction: "up", team: "research", sinceHour: "2024-09-28 14:00", hours: "5", since: "2024-09-28" },
        },
      },
    ]);
    expect(hours[0]?.title).toMatch(
      /^GPU of research cost (5\.\d|6\.\d) × what was expected from 2024-09-28 14:00 to 2024-09-28 19:00 UTC$/,
    );
    expect(hours[0]?.evidence.contributors.length).toBeGreaterThan(0);
    const again = await run(SPIKE);
    expect(again.changes.opened).toEqual([]);
    expect(again.hours.map(({ key, state }) => [key, state])).toEqual([[hours[0]?.key, "open"]]);
  });

  it("says since when while it lasts, and names the cloud where everything rises", async () => {
    const { hours } = await house().run({ ...SPIKE, until: "2024-10-01", service: "" });
    expect(hours.map(({ scope }) => scope)).toEqual([{ provider: ["aws"] }]);
    expect(hours[0]?.title).toMatch(/^aws costs \d\.\d × what was expected since 2024-09-28 14:00 UTC$/);
  });

  it("closes it when the hours are restated", async () => {
    const { run } = house();
    await run(SPIKE);
    const restated = await run(NOTHING);
    expect(restated.hours.map(({ state, resolution }) => [state, resolution])).toEqual([
      ["resolved", "restated: the day is no longer unusual"],
    ]);
    const back = await run(SPIKE);
    expect(back.hours.map(({ state }) => state)).toEqual(["open"]);
  });

  it("hands it over to the day once that has ended and is unusual itself", async () => {
    const { run } = house();
    await run(SPIKE);
    const later = await run(SPIKE, "2024-09-29T11:20:00Z", "2024-09-29 10:00");
    const told = later.findings.map(({ rule, state, resolution }) => [rule, state, resolution?.slice(0, 9)]);
    expect(told.sort()).toEqual([
      ["unusual-cost", "open", undefined],
      ["unusual-hour", "resolved", "told as: "],
    ]);
    const day = later.findings.find(({ rule }) => rule === "unusual-cost");
    expect(day?.evidence.facts["rules"]).toBe("unusual-cost, unusual-hour");
  });

  it("heeds what people said", async () => {
    const { run, store } = house();
    const { hours } = await run(SPIKE);
    const [finding] = hours;
    expect(finding).toBeDefined();
    if (finding === undefined) return;
    await giveFeedback(
      { store, clock: testClock("2024-09-28T21:30:00Z"), events: recordingBus() },
      { key: finding.key, kind: "expected", actor: "ann" },
    );
    const next = await run(SPIKE);
    expect(next.hours.map(({ state }) => state)).toEqual(["resolved"]);
  });

  it("keeps nothing of bills that are by the day, and closes what was told when the hours are gone", async () => {
    const { run, store } = house();
    const early = "2024-08-20 00:00";
    await run(NOTHING, "2024-09-28T21:20:00Z", early);
    expect(await store.get(MEMORY)).toBeUndefined();
    await run(SPIKE);
    expect(await store.get(MEMORY)).toBeDefined();
    const gone = await run(NOTHING, "2024-09-28T21:20:00Z", early);
    expect(gone.hours.map(({ resolution }) => resolution)).toEqual(["this series is no longer watched"]);
  });
});
