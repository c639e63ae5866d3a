import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStoredHolds } from "../../../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../../../shared/clusters/enforcement/transaction/recover.ts";
import type { Hold } from "../../../../../shared/clusters/enforcement/types.ts";
import type { Json } from "../../../../../shared/core/json.ts";
import { levers } from "../../../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../../../support/enforcement/fake.ts";
import { fieldStep, planOf, type StepOptions } from "../../../../support/enforcement/plans.ts";
import { deployment, hpa } from "../../../../support/kube-objects.ts";

const WEB = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "web" };
const BOUNDS = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", namespace: "ml", name: "scaled" };

let world: FakeWorld;
beforeEach(async () => {
  world = await openFakeWorld();
  world.server.apply(deployment({ name: "web", namespace: "ml", replicas: 5 }));
  world.server.apply(deployment({ name: "scaled", namespace: "ml", replicas: 4 }));
  world.server.apply(hpa({ name: "scaled", namespace: "ml", target: "scaled", min: 2, max: 9 }));
});
afterEach(() => world.close());

function live({ kind, name }: { kind: string; name: string }) {
  const found = levers(world.server).find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

function planFor(target: typeof WEB, fields: Readonly<Record<string, Json>>, options?: StepOptions) {
  return planOf("fake", world.clusterUid, [fieldStep("fake", live(target), fields, options)]);
}

async function holdOf(): Promise<Hold | undefined> {
  return Object.values((await readStoredHolds(world.store, "fake"))?.holds ?? {})[0];
}

const replicas = () => world.server.get(WEB)?.spec?.["replicas"];
const annotations = () => world.server.get(WEB)?.metadata.annotations ?? {};
const zero = { "/spec/replicas": 0 };
const byPerson = (count: number) => world.server.patch(WEB, { spec: { replicas: count } }, { as: "kubectl-edit" });
const byGit = (count: number) => world.server.patch(WEB, { spec: { replicas: count } }, { as: "argocd-controller" });

describe("a person who changes the same field", () => {
  it("after the plan and before the write is not overwritten, and the plan's step ends", async () => {
    const plan = planFor(WEB, zero);
    byPerson(7);
    const { deps } = world.enforcer();
    const report = await applyPlan(deps, plan);
    expect(report.steps).toMatchObject([
      { outcome: "left-out", detail: expect.stringContaining("/spec/replicas was changed by kubectl-edit") },
    ]);
    expect(replicas()).toBe(7);
    expect(await holdOf()).toBeUndefined();
  });

  it("between the dry run and the write is not overwritten either", async () => {
    const plan = planFor(WEB, zero);
    const stop = world.server.onRequest(
      ({ method, path, query }) => method === "PATCH" && path.endsWith("/web") && !query.has("dryRun"),
      () => void byPerson(7),
    );
    const { deps } = world.enforcer();
    expect((await applyPlan(deps, plan)).steps).toMatchObject([{ outcome: "left-out" }]);
    stop();
    expect([replicas(), annotations()]).toEqual([
      7,
      expect.not.objectContaining({ "genops.ai/enforcement": expect.anything() }),
    ]);
    expect(await holdOf()).toBeUndefined();
  });

  it("sets what we were about to set, himself: it is his, and is not undone later", async () => {
    const plan = planFor(WEB, zero);
    byPerson(0);
    const { deps } = world.enforcer();
    expect((await applyPlan(deps, plan)).steps).toMatchObject([{ outcome: "left-out" }]);
    await restore(deps, { kind: "all" }, "by hand");
    expect(replicas()).toBe(0);
  });

  it("after us keeps it, then and after the restore, and is reported with name and time", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(WEB, zero));
    world.clock.advance(60_000);
    byPerson(3);
    const report = await recover(deps);
    expect(report.notices).toMatchObject([
      { kind: "overridden", text: expect.stringContaining("changed by kubectl-edit at 2026-11-22T12:01:00.000Z") },
    ]);
    expect(await holdOf()).toMatchObject({ state: "overridden" });
    expect((await recover(deps)).notices).toEqual([]);
    expect(replicas()).toBe(3);
    const restored = await restore(deps, { kind: "all" }, "new period");
    expect(restored.steps).toMatchObject([
      { outcome: "kept", detail: expect.stringContaining("changed by kubectl-edit") },
    ]);
    expect(replicas()).toBe(3);
    expect(annotations()).not.toHaveProperty("genops.ai/enforcement");
    expect(annotations()).not.toHaveProperty("genops.ai/original");
    expect(await holdOf()).toBeUndefined();
  });

  it("changes one of two fields: the other one is given back", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(BOUNDS, { "/spec/minReplicas": 1, "/spec/maxReplicas": 3 }));
    world.server.patch(BOUNDS, { spec: { minReplicas: 3 } }, { as: "kubectl-edit" });
    await restore(deps, { kind: "all" }, "new period");
    expect(world.server.get(BOUNDS)?.spec).toMatchObject({ minReplicas: 3, maxReplicas: 9 });
  });

  it("lowers the maximum below our original minimum: the minimum is fitted under it", async () => {
    const { deps } = world.enforcer();
    world.server.patch(BOUNDS, { spec: { minReplicas: 6 } });
    await applyPlan(deps, planFor(BOUNDS, { "/spec/minReplicas": 1, "/spec/maxReplicas": 6 }));
    world.server.patch(BOUNDS, { spec: { maxReplicas: 4 } }, { as: "kubectl-edit" });
    await restore(deps, { kind: "all" }, "new period");
    expect(world.server.get(BOUNDS)?.spec).toMatchObject({ minReplicas: 4, maxReplicas: 4 });
  });

  it("deletes the object, or makes it anew under its name: nothing of ours comes back to it", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(WEB, zero));
    world.server.delete(WEB);
    world.server.apply(deployment({ name: "web", namespace: "ml", replicas: 2 }));
    expect((await recover(deps)).steps).toMatchObject([{ outcome: "gone" }]);
    expect(replicas()).toBe(2);
    expect(await holdOf()).toBeUndefined();
  });
});

describe("an autoscaler that came meanwhile", () => {
  it.each([
    [1, 3, 3],
    [6, 9, 6],
    [2, 9, 5],
  ])("of %i to %i gets the original fitted into its bounds: %i", async (min, max, expected) => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(WEB, zero));
    world.server.apply(hpa({ name: "web", namespace: "ml", target: "web", min, max }));
    await restore(deps, { kind: "all" }, "new period");
    expect(replicas()).toBe(expected);
  });
});

describe("Git or a controller that puts its value back", () => {
  it("is put right once; the second time within 30 minutes we stop and say what to add", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(WEB, zero));
    world.clock.advance(60_000);
    byGit(5);
    expect((await recover(deps)).notices).toMatchObject([{ kind: "reverted" }]);
    expect([replicas(), (await holdOf())?.state]).toEqual([0, "active"]);
    world.clock.advance(60_000);
    byGit(5);
    const report = await recover(deps);
    expect(report.notices).toMatchObject([
      {
        kind: "contested",
        text: expect.stringContaining("changed by argocd-controller at 2026-11-22T12:02:00.000Z"),
        hint: expect.stringContaining("RespectIgnoreDifferences=true"),
      },
    ]);
    expect([replicas(), (await holdOf())?.state]).toEqual([5, "contested"]);
    world.clock.advance(3_600_000);
    const later = world.enforcer();
    expect((await recover(later.deps)).notices).toEqual([]);
    expect(replicas()).toBe(5);
    await restore(later.deps, { kind: "all" }, "new period");
    expect([replicas(), annotations()["genops.ai/enforcement"]]).toEqual([5, undefined]);
    expect(await holdOf()).toBeUndefined();
  });

  it("hours apart is put right every time", async () => {
    await applyPlan(world.enforcer().deps, planFor(WEB, zero));
    for (let deploy = 0; deploy < 3; deploy++) {
      world.clock.advance(3_600_000);
      byGit(5);
      await recover(world.enforcer().deps);
      expect([replicas(), (await holdOf())?.state]).toEqual([0, "active"]);
    }
  });

  it("is counted once, however often a run looks at it while GenOps is stopped", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(WEB, zero));
    world.clock.advance(60_000);
    byGit(5);
    const stopped = world.enforcer({ stopped: () => true });
    for (let look = 0; look < 3; look++) await recover(stopped.deps);
    expect(replicas()).toBe(5);
    await recover(deps);
    expect([replicas(), (await holdOf())?.state]).toEqual([0, "active"]);
  });
});

describe("two budgets that want the same object", () => {
  it("stack, and the object goes up step by step as they let go, in any order", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(WEB, { "/spec/replicas": 2 }, { policy: "budget/a", rung: "throttle" }));
    await applyPlan(deps, planFor(WEB, zero, { policy: "budget/b" }));
    expect(replicas()).toBe(0);
    await restore(deps, { kind: "policies", policies: ["budget/a"] }, "no longer wanted");
    expect(replicas()).toBe(0);
    await restore(deps, { kind: "policies", policies: ["budget/b"] }, "no longer wanted");
    expect(replicas()).toBe(5);
    await applyPlan(deps, planFor(WEB, { "/spec/replicas": 2 }, { policy: "budget/a", rung: "throttle" }));
    await applyPlan(deps, planFor(WEB, zero, { policy: "budget/b" }));
    await restore(deps, { kind: "policies", policies: ["budget/b"] }, "no longer wanted");
    expect(replicas()).toBe(2);
    await restore(deps, { kind: "all" }, "new period");
    expect(replicas()).toBe(5);
  });
});
