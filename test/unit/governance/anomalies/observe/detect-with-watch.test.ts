import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import type { Finding } from "../../../../../shared/core/finding.ts";
import {
  type DetectAnomaliesInput,
  detectAnomalies,
} from "../../../../../shared/governance/anomalies/detect-anomalies.ts";
import { findingKey } from "../../../../../shared/governance/findings/finding-key.ts";
import type { LagModel } from "../../../../../shared/ledger/completeness/lag-model.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { memoryStore, testClock, testEngine } from "../../support.ts";
import { simpleWatch } from "./simple-watch.ts";
import { loadSpans, type Span } from "./spans.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

const gpu = (effective: string, from = "2024-08-20", until = "2024-09-30"): Span => {
  return { from, until, account: "a", service: "GPU", team: "research", effective };
};
const disk: Span = { ...gpu("50"), service: "Disk" };

function house() {
  const store = memoryStore();
  return async (spans: readonly Span[], more: Partial<DetectAnomaliesInput> = {}) => {
    await loadSpans(engine, spans);
    return detectAnomalies(
      { engine, store, clock: testClock("2024-09-30T09:00:00Z") },
      {
        cubeRelation: "cube",
        config: toAnomalyConfig({}),
        settledAfterDays: { default: 2 },
        feedback: [],
        earlier: [],
        createWatch: simpleWatch,
        ...more,
      },
    );
  };
}

/** Every one of many days was complete when it was first seen. */
const learnt = { days: 40, ages: [{ share: 1, spread: 0 }] };
const PROMPT: LagModel = { providers: new Map([["aws", { ...learnt, services: new Map() }]]), unreadable: [] };
const summary = ({ observations }: Awaited<ReturnType<typeof detectAnomalies>>) =>
  observations.map(({ rule, period, evidence }) => [rule, period.start, evidence.facts["rules"]]);

describe("detectAnomalies with watches", () => {
  it("tells once what a rule sees too", async () => {
    const detected = await house()([disk, gpu("100", undefined, "2024-09-28"), gpu("400", "2024-09-28")]);
    expect(summary(detected)).toEqual([["unusual-cost", "2024-09-28", "unusual-cost, over-yesterday"]]);
  });

  it("tells once that something new is dear, and that something stopped", async () => {
    const first = await house()([disk, gpu("400", "2024-09-28")]);
    expect(summary(first)).toEqual([["unusual-cost", "2024-09-28", "unusual-cost, over-yesterday, first-use"]]);
    const stopped = await house()([disk, gpu("100", undefined, "2024-09-25")]);
    expect(summary(stopped)).toEqual([["spend-at-zero", "2024-09-25", "spend-at-zero, unusual-cost"]]);
    expect(stopped.observations[0]?.level).toBe("warning");
  });

  it("ends the watch's finding when the spend has stopped for good, and asks nobody about it who has answered", async () => {
    const spans = [disk, gpu("100", undefined, "2024-09-25")];
    const off = { config: { ...toAnomalyConfig({}), rulesOff: ["spend-at-zero"] } };
    const [drop] = (await house()(spans, off)).observations;
    const finding = { ...drop, key: drop === undefined ? "" : findingKey(drop), state: "open" } as Finding;
    expect(finding.rule).toBe("unusual-cost");
    const detected = await house()(spans, { earlier: [finding] });
    expect(detected.covers(finding)).toBe(`told as: ${detected.observations[0]?.title}`);
    const silent = { look: () => [], standing: () => [], memory: () => ({ alerts: [] }) };
    const answered = await house()([disk, gpu("400", "2024-09-28")]);
    const [dear] = answered.observations;
    const earlier = [{ ...dear, key: "k", state: "resolved", actor: "ada" } as Finding];
    const again = await house()([disk, gpu("400", "2024-09-28")], { earlier, createWatch: () => silent });
    expect(summary(again).map(([rule]) => rule)).toEqual(["over-yesterday"]);
  });

  it("ends the finding of a rule that has become a cause", async () => {
    const detect = house();
    const spike = [disk, gpu("100", undefined, "2024-09-28"), gpu("400", "2024-09-28")];
    const silent = { look: () => [], standing: () => [], memory: () => ({ alerts: [] }) };
    const [rise] = (await detect(spike, { createWatch: () => silent })).observations;
    const finding = { ...rise, key: rise === undefined ? "" : findingKey(rise) } as Finding;
    expect(finding.rule).toBe("over-yesterday");
    const detected = await house()(spike);
    expect(detected.covers(finding)).toBe(`told as: ${detected.observations[0]?.title}`);
    expect(detected.covers({ ...finding, kind: "budget" })).toBeUndefined();
  });

  it("believes a drop on a day that is not settled only where it has learnt how complete such days are", async () => {
    const half = [disk, gpu("100", undefined, "2024-09-29"), gpu("30", "2024-09-29")];
    expect(summary(await house()(half))).toEqual([]);
    expect(summary(await house()(half, { lags: PROMPT }))).toEqual([["unusual-cost", "2024-09-29", "unusual-cost"]]);
    const settled = [disk, gpu("100", undefined, "2024-09-26"), gpu("30", "2024-09-26")];
    expect(summary(await house()(settled))).toEqual([["unusual-cost", "2024-09-26", "unusual-cost"]]);
  });

  it("compares an incomplete day with an incomplete range", async () => {
    const late: LagModel = {
      providers: new Map([["aws", { ...learnt, ages: [{ share: 0.5, spread: 0.05 }], services: new Map() }]]),
      unreadable: [],
    };
    const dear = [disk, gpu("100", undefined, "2024-09-29"), gpu("50", "2024-09-29")];
    // Disk shows all of its usual cost on a day of which half is known.
    const seen = (await house()(dear, { lags: late })).observations;
    expect(seen.map(({ scope, evidence }) => [scope["service"], evidence.facts["expected"]])).toEqual([
      [["Disk"], "25"],
    ]);
    const allHalf = [
      gpu("100", undefined, "2024-09-29"),
      gpu("50", "2024-09-29"),
      { ...disk, until: "2024-09-29" },
      { ...disk, from: "2024-09-29", effective: "25" },
    ];
    expect(summary(await house()(allHalf, { lags: late }))).toEqual([]);
  });
});
