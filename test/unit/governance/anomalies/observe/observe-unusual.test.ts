import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { formatDecimal } from "../../../../../shared/core/decimal.ts";
import type { Finding } from "../../../../../shared/core/finding.ts";
import type { Feedback } from "../../../../../shared/governance/anomalies/feedback/types.ts";
import {
  observeUnusual,
  type UnusualInput,
} from "../../../../../shared/governance/anomalies/observe/observe-unusual.ts";
import { findingKey } from "../../../../../shared/governance/findings/finding-key.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, memoryStore, testEngine } from "../../support.ts";
import { simpleWatch } from "./simple-watch.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

/** Two accounts with two services each, 40 days; one of them costs four times as much from the 23rd on. */
const gpu = { account: "a", service: "GPU", team: "research" };
const others = [
  ...daily("2024-08-20", "2024-09-30", { account: "a", service: "Disk", effective: "50" }),
  ...daily("2024-08-20", "2024-09-30", { account: "b", service: "GPU", effective: "80" }),
  ...daily("2024-08-20", "2024-09-30", { account: "b", service: "Disk", effective: "40" }),
];
const calm = [...others, ...daily("2024-08-20", "2024-09-23", { ...gpu, effective: "100.10" })];
const incident = [...calm, ...daily("2024-09-23", "2024-09-30", { ...gpu, effective: "400.50" })];

function house() {
  const store = memoryStore();
  return {
    store,
    async look(rows: readonly CubeRow[], now = "2024-09-30T12:00:00Z", some: Partial<UnusualInput> = {}) {
      await loadCube(engine, rows);
      return observeUnusual(
        { engine, store },
        {
          cubeRelation: "cube",
          config: toAnomalyConfig({}),
          settledAfterDays: { default: 2 },
          feedback: [],
          completenessOf: () => [],
          createWatch: simpleWatch,
          ...some,
        },
        new Date(now),
      );
    },
  };
}

describe("observeUnusual", () => {
  it("tells one cause, dated when it began, with exact amounts and its parts", async () => {
    const { observations } = await house().look(incident);
    expect(observations).toHaveLength(1);
    const [seen] = observations;
    expect(seen).toMatchObject({
      kind: "anomaly",
      rule: "unusual-cost",
      level: "warning",
      scope: { provider: ["aws"], account: ["a"], service: ["GPU"] },
      period: { start: "2024-09-23", end: "2024-09-24" },
      title: "GPU of research costs 4.0 × what was expected since 2024-09-23",
      evidence: {
        rows: 7,
        settledShare: "0.71",
        facts: {
          since: "2024-09-23",
          day: "2024-09-29",
          days: "7",
          actual: "400.5",
          expected: "100.1",
          direction: "up",
          channel: "point",
          totalActual: "2803.5",
          totalExpected: "700.7",
          team: "research",
        },
      },
    });
    expect(formatDecimal(seen?.amount ?? (0n as never))).toBe("2102.8");
    expect(seen?.evidence.facts["history"]).toMatch(/^2024-08-31 100.1,.*,400.5$/);
  });

  it("finds nothing new when asked again, and the same key as long as it lasts", async () => {
    const { look, store } = house();
    const first = await look(incident);
    const memory = store.objects.get("evaluation/anomalies.json")?.body;
    const again = await look(incident);
    expect(again.observations).toEqual(first.observations);
    expect(store.objects.get("evaluation/anomalies.json")?.body).toEqual(memory);
    const later = await look(
      [
        ...incident,
        ...[...others, ...calm].slice(0, 0),
        ...daily("2024-09-30", "2024-10-02", { ...gpu, effective: "410" }),
      ].concat(
        daily("2024-09-30", "2024-10-02", { account: "a", service: "Disk", effective: "50" }),
        daily("2024-09-30", "2024-10-02", { account: "b", service: "GPU", effective: "80" }),
        daily("2024-09-30", "2024-10-02", { account: "b", service: "Disk", effective: "40" }),
      ),
      "2024-10-02T12:00:00Z",
    );
    expect(later.observations.map(findingKey)).toEqual(first.observations.map(findingKey));
  });

  it("does not tell old stories of a lake that it sees for the first time", async () => {
    const old = [
      ...others,
      ...daily("2024-08-20", "2024-09-05", { ...gpu, effective: "100" }),
      ...daily("2024-09-05", "2024-09-07", { ...gpu, effective: "900" }),
      ...daily("2024-09-07", "2024-09-30", { ...gpu, effective: "100" }),
    ];
    expect((await house().look(old)).observations).toEqual([]);
  });

  it("says why an alert ended: restated, over, or no longer watched", async () => {
    const { look } = house();
    const [seen] = (await look(incident)).observations;
    const finding = { ...seen, key: seen === undefined ? "" : findingKey(seen) } as Finding;
    const restated = await look([...calm, ...daily("2024-09-23", "2024-09-30", { ...gpu, effective: "101" })]);
    expect(restated.observations).toEqual([]);
    expect(restated.covers(finding)).toBe("restated: the day is no longer unusual");
    const over = await look([
      ...calm,
      ...daily("2024-09-23", "2024-09-27", { ...gpu, effective: "400" }),
      ...daily("2024-09-27", "2024-09-30", { ...gpu, effective: "100" }),
    ]);
    expect(over.covers(finding)).toBe("over: the cost is back in its range");
    const gone = await look(others);
    expect(gone.covers(finding)).toBe("this series is no longer watched");
    expect(gone.covers({ ...finding, rule: "over-yesterday" })).toBeUndefined();
    expect(gone.covers({ ...finding, kind: "budget" })).toBeUndefined();
  });

  it("says less loudly that something costs less", async () => {
    const drop = [...calm, ...daily("2024-09-23", "2024-09-30", { ...gpu, team: "unallocated", effective: "0" })];
    const [seen] = (await house().look(drop)).observations;
    expect([seen?.level, seen?.title]).toEqual([
      "info",
      "GPU of a costs 700.70 USD less than expected since 2024-09-23",
    ]);
  });

  it("heeds what people announced", async () => {
    const planned: Feedback = {
      id: "f-1",
      finding: "f",
      kind: "planned",
      scope: { provider: ["aws"], account: ["a"], service: ["GPU"] },
      currency: "USD",
      since: "2024-09-23",
      planned: { start: "2024-09-23", end: "2024-10-15" },
      by: "ada",
      at: "2024-09-20T00:00:00Z",
    };
    const { observations } = await house().look(incident, undefined, { feedback: [planned] });
    expect(observations.every(({ scope }) => scope["service"] === undefined || scope["account"] === undefined)).toBe(
      true,
    );
  });

  it("leaves amounts below the floor alone", async () => {
    const config = { ...toAnomalyConfig({}), floor: (10_000n * 10n ** 18n) as never };
    expect((await house().look(incident, undefined, { config })).observations).toEqual([]);
  });
});
