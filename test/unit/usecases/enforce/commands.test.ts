import { afterAll, describe, expect, it } from "vitest";
import { applyCommand } from "../../../../functions/local/commands/enforce/apply.ts";
import { statusCommand } from "../../../../functions/local/commands/enforce/status.ts";
import { createOutput } from "../../../../functions/local/output.ts";
import { silence } from "../../../../shared/clusters/enforcement/plan/wants-state.ts";
import { fromInteger, ZERO } from "../../../../shared/core/decimal.ts";
import { asOfScope } from "../../../../shared/governance/budgets/delivered-through.ts";
import { budgetStanding } from "../../../../shared/governance/budgets/standing.ts";
import type { BudgetStatus } from "../../../../shared/governance/budgets/types.ts";
import { updateDocument } from "../../../../shared/ledger/json-document.ts";
import { applyApproved } from "../../../../shared/usecases/enforce/apply-approved.ts";
import { setKillSwitch } from "../../../../shared/usecases/enforce/kill-switch.ts";
import { planNow } from "../../../../shared/usecases/enforce/plan-now.ts";
import { enforceOnce } from "../../../../shared/usecases/enforce/run.ts";
import { settleWants, wantByHand } from "../../../../shared/usecases/enforce/settle-wants.ts";
import { simulate } from "../../../../shared/usecases/enforce/simulation/simulate.ts";
import { WANTS_KEY, WantsSchema } from "../../../../shared/usecases/enforce/wants-document.ts";
import { captured } from "../../../support/captured.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type EnforceWorld, openEnforceWorld } from "../../../support/enforce-world.ts";

const folders = createFolders();
afterAll(() => folders.clean());
const open = (more: Partial<Parameters<typeof openEnforceWorld>[0]> = {}) => openEnforceWorld({ folders, ...more });

const apply = ({ runtime, clock }: EnforceWorld) =>
  captured(() => applyCommand(runtime, createOutput(clock), "json", { verify: true, hash: undefined }));

interface Applied {
  stopped?: string;
  clusters: { cluster: string; steps: unknown[]; plans: { outcome: string }[] }[];
}

describe("apply with its second look", () => {
  it("waits half a minute and answers with both looks", async () => {
    const world = await open({ clusters: ["lab", "other"] });
    await world.stands(96);
    const { answer, text } = await apply(world);
    const document = JSON.parse(text) as Applied;
    expect([answer, world.clock.now().toISOString()]).toEqual([0, "2026-11-22T12:00:30.000Z"]);
    expect(document.clusters.map(({ plans }) => plans.map(({ outcome }) => outcome))).toEqual([
      ["applied", "applied"],
      ["applied", "applied"],
    ]);
    expect(world.replicas("batch")).toBe(1);
  });

  it("answers with the first look when it was stopped before the second", async () => {
    const world = await open();
    await world.stands(96);
    const { sleep } = world.clock;
    const { runtime } = world;
    world.clock.sleep = async (ms, signal) => {
      await setKillSwitch({ store: runtime.lake, clock: runtime.clock }, { stopped: true, by: "ada", reason: "test" });
      await sleep(ms, signal);
    };
    const { answer, text } = await apply(world);
    const document = JSON.parse(text) as Applied;
    expect([answer, document.stopped]).toEqual([1, expect.stringContaining("by ada")]);
    expect(document.clusters.map(({ cluster, steps }) => [cluster, steps.length > 0])).toEqual([["lab", true]]);
  });
});

describe("status", () => {
  it("says what was to be saved, and what the bill still has to tell", async () => {
    const world = await open();
    await world.stands(101);
    for (let round = 0; round < 4; round++) await enforceOnce(world.runtime);
    const { text } = await captured(() => statusCommand(world.runtime, createOutput(world.clock), "table"));
    expect(text).toMatch(/Deployment ml\/batch/);
  });
});

describe("an approved plan", () => {
  it("is not carried out for a cluster that nobody knows any more, or that is not there", async () => {
    const world = await open();
    const want = wantByHand(world.runtime, { scope: ["team=ml"], rung: "throttle", by: "ada" });
    const [planned] = await planNow(world.runtime, { wants: [want], requester: "ada", propose: true });
    const hash = planned?.records[0]?.plan.hash ?? "";
    const without = await world.open({ yaml: "lake: file:./lake\n" });
    await expect(applyApproved(without, hash)).rejects.toThrow("there is no cluster lab");
    await expect(applyApproved(world.runtime, "0".repeat(64))).rejects.toThrow("there is no plan");
  });

  it("fails when the cluster is another one by now, and says so in its record", async () => {
    const world = await open();
    const want = wantByHand(world.runtime, { scope: ["team=ml"], rung: "throttle", by: "ada" });
    const [planned] = await planNow(world.runtime, { wants: [want], requester: "ada", propose: true });
    const hash = planned?.records[0]?.plan.hash ?? "";
    world.server.faults.decide(({ method, query }) =>
      method !== "GET" && query.has("dryRun") ? { kind: "status", code: 403, reason: "Forbidden" } : undefined,
    );
    const { outcome, record, report } = await applyApproved(world.runtime, hash);
    expect([outcome, record?.state, report?.aborted]).toEqual([
      "applied",
      "failed",
      expect.stringContaining("would refuse"),
    ]);
    expect(record?.detail).toContain("would refuse");
    expect(world.replicas("batch")).toBe(3);
  });
});

describe("a want that a person ended", () => {
  it("is given back as resolved, or because it is exempt", async () => {
    for (const [kind, reason] of [
      ["resolve", "resolved"],
      ["exempt", "no longer wanted"],
    ] as const) {
      const world = await open();
      await world.stands(96);
      const [want] = (await settleWants(world.runtime)).wants;
      const until = "2026-11-25T00:00:00.000Z";
      await updateDocument(world.runtime.lake, WANTS_KEY, WantsSchema, (state) =>
        state === undefined
          ? undefined
          : silence(state, want?.policy ?? "", { kind, until, by: "ada" }, world.clock.now()),
      );
      expect((await settleWants(world.runtime)).ended.get(want?.policy ?? "")).toBe(reason);
    }
  });
});

describe("a simulation of a cluster in which somebody took something back", () => {
  it("needs no bill to be empty", async () => {
    const world = await open({ without: ["admissionregistration.k8s.io"] });
    await world.stands(96);
    for (let round = 0; round < 3; round++) await enforceOnce(world.runtime);
    const name = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "batch" };
    world.server.patch(name, { spec: { replicas: 5 } }, { as: "kubectl-scale" });
    await enforceOnce(world.runtime);
    const { days, workloads } = await simulate(world.runtime, { days: 3 });
    expect([days, workloads]).toEqual([[], []]);
  });
});

describe("what is known of a scope", () => {
  it("is what the slowest of its providers has delivered", () => {
    const delivered = new Map([
      ["aws", "2026-11-20"],
      ["gcp", "2026-11-18"],
    ]);
    expect(asOfScope(delivered, {})).toBe("2026-11-19T00:00:00.000Z");
    expect(asOfScope(delivered, { provider: ["aws"] })).toBe("2026-11-21T00:00:00.000Z");
    expect(asOfScope(delivered, { provider: ["azure"] })).toBeUndefined();
  });
});

describe("a want in another currency than the reports", () => {
  it("is planned by the rate of the day, and left out where there is none", async () => {
    const yaml = "currency: { report: USD, rates: rates.csv }\n";
    const world = await open({ yaml, files: { "rates.csv": "date,from,to,rate\n2026-01-01,EUR,USD,1.1\n" } });
    const want = wantByHand(world.runtime, { scope: ["team=ml"], rung: "throttle", by: "ada" });
    const reduceByPerHour = fromInteger(1);
    const planned = async (currency: string) =>
      (await planNow(world.runtime, { wants: [{ ...want, currency, reduceByPerHour }], requester: "ada" }))[0];
    expect((await planned("EUR"))?.plans[0]?.steps.length).toBeGreaterThan(0);
    expect((await planned("USD"))?.plans[0]?.steps.length).toBeGreaterThan(0);
    const [unknown] = (await planned("SEK"))?.plans ?? [];
    expect([unknown?.steps, JSON.stringify(unknown?.leftOut)]).toEqual([[], expect.stringContaining("SEK")]);
  });
});

describe("where a budget stands", () => {
  const hard = { threshold: fromInteger(100), basis: "actual", action: "block", recipients: [] } as const;
  const status: BudgetStatus = {
    budget: {
      name: "global",
      scope: {},
      period: { every: "month" },
      limit: fromInteger(100),
      currency: "USD",
      cost: "billed",
      includeCategories: [],
      excludeCategories: [],
      alerts: [hard],
    },
    period: { start: "2026-11-01", end: "2026-12-01" },
    current: true,
    actual: fromInteger(101),
    settledActual: fromInteger(101),
    unsettledActual: ZERO,
    unsettledLowerBound: ZERO,
    expectedActual: fromInteger(101),
    settledShare: "1",
    used: "101",
    forecast: { amount: fromInteger(90), low: ZERO, high: fromInteger(120) },
    missingRates: [],
    alerts: [{ alert: hard, state: "fired", counted: fromInteger(101), at: fromInteger(100) }],
  };

  it("has no burn after its end, and no targets that nobody explained", () => {
    const context = { evaluationId: "e", dataAsOf: undefined, explanation: undefined };
    const at = (now: string) => budgetStanding(status, { ...context, now: new Date(now) });
    expect(at("2026-12-01T00:00:00Z")).toMatchObject({ burnPerHour: ZERO, hoursLeft: ZERO });
    expect(at("2026-11-30T00:00:00Z")).toMatchObject({ burnPerHour: ZERO, alerts: [{ action: "block", targets: [] }] });
    expect(at("2026-11-30T00:00:00Z")).not.toHaveProperty("dataAsOf");
    const soft = { ...status, alerts: [] };
    expect(budgetStanding(soft, { ...context, now: new Date(0) })).toBeUndefined();
  });
});
