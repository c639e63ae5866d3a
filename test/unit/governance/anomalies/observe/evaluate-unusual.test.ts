import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { formatFixed } from "../../../../../shared/core/decimal.ts";
import { evaluate } from "../../../../../shared/governance/evaluate.ts";
import type { ObjectStore } from "../../../../../shared/ports/object-store.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { loadCube, memoryStore, recordingBus, testClock, testEngine } from "../../support.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

const DAYS = 120;
/** The last day of the bill is 2024-09-28. */
const NOW = "2024-09-29T09:00:00Z";

interface Incident {
  from: string;
  until: string;
  times: number;
}
const NOTHING: Incident = { from: "2024-01-01", until: "2024-01-01", times: 1 };
const SPIKE: Incident = { from: "2024-09-28", until: "2024-09-29", times: 3 };
const STEP: Incident = { from: "2024-09-23", until: "2025-01-01", times: 4 };

/** 120 days from 2024-06-01 of two services in each of two accounts: weekends cost less, 2 % of noise. The incident is in GPU of `a`. */
async function loadBill({ from, until, times }: Incident, days: number): Promise<void> {
  await loadCube(engine, []);
  await engine.run(`INSERT INTO cube BY NAME SELECT
    date, strftime(date, '%Y-%m') AS billing_period, 'test' AS source, 'aws' AS provider, account, service, 'Usage' AS charge_category,
    'USD' AS currency, if(account = 'a', 'research', 'shop') AS team, false AS metered, 1 AS rows,
    (level * if(dayofweek(date) IN (0, 6), 0.7, 1) * (1 + 0.02 * ((day * 7919 + level * 31) % 17 / 8 - 1))
      * if(account = 'a' AND service = 'GPU' AND date >= DATE '${from}' AND date < DATE '${until}', ${times}, 1))::DECIMAL(18,2) AS effective
  FROM (SELECT range AS day, DATE '2024-06-01' + range::INTEGER AS date FROM range(${days})),
    (VALUES ('a', 'GPU', 300), ('a', 'Disk', 120), ('b', 'GPU', 500), ('b', 'Disk', 80)) AS one(account, service, level)`);
}

function house(store: ObjectStore = memoryStore()) {
  const deps = { store, events: recordingBus() };
  return {
    ...deps,
    async run(incident: Incident, now = NOW, days = DAYS) {
      await loadBill(incident, days);
      const input = { budgets: [], anomalies: toAnomalyConfig({}), settledAfterDays: { default: 2 } };
      const report = await evaluate(
        { engine, clock: testClock(now), ...deps },
        { ...input, cubeRelation: "cube", evaluationId: now },
      );
      return { ...report, unusual: report.findings.filter(({ rule }) => rule === "unusual-cost") };
    },
  };
}

describe("evaluate with the detector", () => {
  it("finds nothing unusual in an ordinary bill", async () => {
    const { findings } = await house().run(NOTHING);
    expect(findings).toEqual([]);
  });

  it("opens one finding for one cause, also where a rule sees it, and keeps it while the cost grows", async () => {
    const { run, events } = house();
    const { unusual, findings } = await run(STEP);
    expect(findings).toEqual(unusual);
    expect(unusual).toMatchObject([
      {
        state: "open",
        scope: { provider: ["aws"], account: ["a"], service: ["GPU"] },
        period: { start: "2024-09-23" },
        evidence: { facts: { direction: "up", team: "research" } },
      },
    ]);
    expect(unusual[0]?.title).toMatch(/^GPU of research costs (3\.9|4\.0|4\.1) × what was expected since 2024-09-23$/);
    const again = await run(STEP);
    expect(again.changes.opened).toEqual([]);
    const later = await run(STEP, "2024-09-30T09:00:00Z", DAYS + 1);
    expect(later.unusual.map(({ key, state }) => [key, state])).toEqual([[unusual[0]?.key, "open"]]);
    expect(Number(formatFixed(later.unusual[0]?.amount ?? (0n as never), 2))).toBeGreaterThan(
      Number(formatFixed(unusual[0]?.amount ?? (0n as never), 2)),
    );
    expect(events.types().filter((type) => type === "finding.opened")).toHaveLength(1);
  });

  it("closes an alert when the day that explains it is restated", async () => {
    const { run } = house();
    const { unusual } = await run(SPIKE);
    expect(unusual.map(({ state }) => state)).toEqual(["open"]);
    const restated = await run(NOTHING);
    expect(restated.unusual.map(({ state, resolution }) => [state, resolution])).toEqual([
      ["resolved", "restated: the day is no longer unusual"],
    ]);
    const back = await run(SPIKE);
    expect(back.unusual.map(({ key, state }) => [key, state])).toEqual([[unusual[0]?.key, "open"]]);
  });

  it("closes an alert when the cost is back in its range", async () => {
    const { run } = house();
    const { unusual } = await run(SPIKE);
    expect(unusual.map(({ state }) => state)).toEqual(["open"]);
    const later = await run(SPIKE, "2024-10-03T09:00:00Z", DAYS + 4);
    expect(later.unusual.map(({ state, resolution }) => [state, resolution])).toEqual([
      ["resolved", "over: the cost is back in its range"],
    ]);
  });

  it("tells once what two evaluations find at the same time", async () => {
    const { run, events } = house();
    const both = await Promise.all([run(STEP), run(STEP)]);
    expect(both.map(({ changes }) => changes.opened.length).toSorted()).toEqual([0, 1]);
    expect(events.types()).toEqual(["finding.opened"]);
  });

  it("tells once, and tells, what was remembered when an evaluation died before it wrote its findings", async () => {
    const store = memoryStore();
    const put: ObjectStore["put"] = (key, ...more) =>
      key.startsWith("findings/") ? Promise.reject(new Error("killed")) : store.put(key, ...more);
    await expect(house({ ...store, put }).run(STEP)).rejects.toThrow("killed");
    expect(await store.get("evaluation/anomalies.json")).toBeDefined();
    const { run, events } = house(store);
    expect((await run(STEP)).unusual).toMatchObject([{ state: "open", period: { start: "2024-09-23" } }]);
    expect((await run(STEP)).changes.opened).toEqual([]);
    expect(events.types()).toEqual(["finding.opened"]);
  });
});
