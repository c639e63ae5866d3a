import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { giveFeedback } from "../../../../../shared/governance/anomalies/feedback/give-feedback.ts";
import { undoFeedback } from "../../../../../shared/governance/anomalies/feedback/undo-feedback.ts";
import { evaluate } from "../../../../../shared/governance/evaluate.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, memoryStore, recordingBus, testClock, testEngine } from "../../support.ts";
import { silentWatch } from "../observe/simple-watch.ts";

describe("feedback and evaluation", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  const calm = daily("2024-09-01", "2024-09-19", { effective: "100" });
  const spike = [...calm, { date: "2024-09-19", effective: "170" }];

  /** A lake with one open finding about a day that cost 170 instead of 100. */
  async function house() {
    const state = { store: memoryStore(), events: recordingBus(), clock: testClock("2024-09-20T09:00:00Z") };
    const run = async (rows: readonly CubeRow[] = spike, at = "2024-09-20T09:00:00Z") => {
      await loadCube(engine, rows);
      const { findings } = await evaluate(
        { engine, ...state, clock: testClock(at) },
        {
          budgets: [],
          anomalies: { ...toAnomalyConfig({}), rulesBy: ["provider"] },
          settledAfterDays: { default: 2 },
          cubeRelation: "cube",
          evaluationId: "e-1",
          createWatch: silentWatch,
        },
      );
      return findings.map(({ period, state: now, resolution }) => [period.start, now, resolution]);
    };
    expect(await run()).toEqual([["2024-09-19", "open", undefined]]);
    const [key = ""] = [...state.store.objects.keys()].filter((name) => name.startsWith("findings/"));
    return { deps: state, run, key: key.slice("findings/".length, -".json".length) };
  }

  it("keeps a finding closed that was called wrong, and opens it again when that is taken back", async () => {
    const { deps, run, key } = await house();
    await giveFeedback(deps, { key, kind: "wrong", actor: "ada" });
    expect(await run()).toEqual([["2024-09-19", "resolved", "called wrong by ada"]]);
    await undoFeedback(deps, { which: key, actor: "bob" });
    expect(await run()).toEqual([["2024-09-19", "open", undefined]]);
  });

  it("does not open it again when it is no longer true", async () => {
    const { deps, run, key } = await house();
    await giveFeedback(deps, { key, kind: "wrong", actor: "ada" });
    await undoFeedback(deps, { which: key, actor: "bob" });
    const restated = [...calm, { date: "2024-09-19", effective: "101" }];
    expect(await run(restated)).toEqual([["2024-09-19", "resolved", "called wrong by ada; taken back by bob"]]);
  });

  it("tells nobody of planned days, and of the first one after them again", async () => {
    const { deps, run, key } = await house();
    await giveFeedback(deps, { key, kind: "planned", actor: "ada", to: "2024-09-21" });
    const rows = [...spike, { date: "2024-09-20", effective: "300" }, { date: "2024-09-21", effective: "600" }];
    expect(await run(rows, "2024-09-22T09:00:00Z")).toHaveLength(1);
    const later = [...rows, { date: "2024-09-22", effective: "600" }];
    expect((await run(later, "2024-09-23T09:00:00Z")).map(([day, now]) => [day, now])).toEqual([
      ["2024-09-22", "open"],
      ["2024-09-19", "resolved"],
    ]);
  });

  it("ends other findings of planned days in the words of the plan", async () => {
    const { deps, run, key } = await house();
    const rows = [...spike, { date: "2024-09-20", effective: "300" }];
    await run(rows, "2024-09-21T09:00:00Z");
    await giveFeedback(deps, { key, kind: "planned", actor: "ada", to: "2024-09-21" });
    expect((await run(rows, "2024-09-21T09:00:00Z")).map(([, now, why]) => [now, why])).toEqual([
      ["resolved", "planned by ada, 2024-09-19 to 2024-09-21"],
      ["resolved", "planned by ada, 2024-09-19 to 2024-09-21"],
    ]);
  });
});
