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
import { memoryStore, testEngine } from "../../support.ts";
import { simpleWatch } from "./simple-watch.ts";
import { loadSpans, type Span } from "./spans.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

const span = (account: string, service: string, effective: string, from = "2024-08-20", until = "2024-09-30"): Span => {
  return { from, until, account, service, team: account === "a" ? "research" : "shop", effective };
};
const gpu = (effective: string, from?: string, until?: string) => span("a", "GPU", effective, from, until);

/** Two accounts with two services each, 40 days; one of them costs four times as much from the 23rd on. */
const others = [span("a", "Disk", "50"), span("b", "GPU", "80"), span("b", "Disk", "40")];
const calm = [...others, gpu("100.10", "2024-08-20", "2024-09-23")];
const incident = [...calm, gpu("400.50", "2024-09-23")];

function house() {
  const store = memoryStore();
  return {
    store,
    async look(spans: readonly Span[], now = "2024-09-30T12:00:00Z", some: Partial<UnusualInput> = {}) {
      await loadSpans(engine, spans);
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
    const longer = [...calm, gpu("400.50", "2024-09-23"), gpu("410", "2024-09-30", "2024-10-02")].map((one) => {
      return one.until === "2024-09-30" && others.includes(one) ? { ...one, until: "2024-10-02" } : one;
    });
    const later = await look(longer, "2024-10-02T12:00:00Z");
    expect(later.observations.map(findingKey)).toEqual(first.observations.map(findingKey));
  });

  it("does not tell old stories of a lake that it sees for the first time", async () => {
    const old = [
      ...others,
      gpu("100", "2024-08-20", "2024-09-05"),
      gpu("900", "2024-09-05", "2024-09-07"),
      gpu("100", "2024-09-07"),
    ];
    expect((await house().look(old)).observations).toEqual([]);
  });

  it("says why an alert ended: restated, over, or no longer watched", async () => {
    const { look } = house();
    const [seen] = (await look(incident)).observations;
    const finding = { ...seen, key: seen === undefined ? "" : findingKey(seen) } as Finding;
    const restated = await look([...calm, gpu("101", "2024-09-23")]);
    expect(restated.observations).toEqual([]);
    expect(restated.covers(finding)).toBe("restated: the day is no longer unusual");
    const over = await look([...calm, gpu("400", "2024-09-23", "2024-09-27"), gpu("100", "2024-09-27")]);
    expect(over.covers(finding)).toBe("over: the cost is back in its range");
    const gone = await look(others);
    expect(gone.covers(finding)).toBe("this series is no longer watched");
    expect(gone.covers({ ...finding, rule: "over-yesterday" })).toBeUndefined();
    expect(gone.covers({ ...finding, kind: "budget" })).toBeUndefined();
  });

  it("says less loudly that something costs less", async () => {
    const mixed = { ...gpu("0", "2024-09-23"), team: "unallocated" };
    const drop = [...calm, mixed];
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

  it("judges again when another evaluation was first, and gives up when others always are", async () => {
    const { store, look } = house();
    const calmNow = await look(
      calm.map((one) => ({ ...one, until: "2024-09-22" })),
      "2024-09-22T12:00:00Z",
    );
    expect(calmNow.observations).toEqual([]);
    const { put } = store;
    let lost = 1;
    store.put = (key, body, when) => (lost-- > 0 ? Promise.resolve({ ok: false }) : put(key, body, when));
    expect((await look(incident)).observations).toHaveLength(1);
    lost = 1000;
    await expect(look(incident)).rejects.toMatchObject({
      code: "conflict",
      place: { file: "evaluation/anomalies.json" },
    });
  });
});
