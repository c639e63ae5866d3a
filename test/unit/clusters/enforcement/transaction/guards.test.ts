import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MOST_CLOSED, readStoredHolds } from "../../../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../../../shared/clusters/enforcement/restore/restore.ts";
import { restoreFromAnnotations } from "../../../../../shared/clusters/enforcement/restore/restore-from-annotations.ts";
import { applyPlan } from "../../../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../../../shared/clusters/enforcement/transaction/recover.ts";
import type { Plan } from "../../../../../shared/clusters/enforcement/types.ts";
import { levers, ownStep, stepsFor, withoutScaled } from "../../../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../../../support/enforcement/fake.ts";
import { fieldStep, planOf } from "../../../../support/enforcement/plans.ts";
import {
  cronJob,
  deployment,
  namespace,
  nodePool,
  scaledObject,
  statefulSet,
} from "../../../../support/kube-objects.ts";
import type { KubeObject } from "../../../../support/kube-server/types.ts";

let world: FakeWorld;
let plan: Plan;
let before: Readonly<Record<string, KubeObject>>;

beforeEach(async () => {
  world = await openFakeWorld();
  const objects = [
    namespace("ml"),
    ...["a", "b", "c", "d", "e"].map((name) => deployment({ name, namespace: "ml", replicas: 3 })),
    statefulSet({ name: "db", namespace: "ml", replicas: 3 }),
    deployment({ name: "queue", namespace: "ml", replicas: 2 }),
    scaledObject({ name: "queue", namespace: "ml", target: "queue", min: 2 }),
    cronJob({ name: "nightly", namespace: "ml" }),
    nodePool({ name: "general", limits: { cpu: "100" } }),
  ];
  for (const object of objects) world.server.apply(object);
  plan = planOf("fake", world.clusterUid, [
    ...stepsFor("fake", levers(world.server), () => true),
    ownStep("fake", "ml"),
  ]);
  before = asMade();
});
afterEach(() => world.close());

const asMade = () => withoutScaled(world.server.snapshot({ stripped: true }));
const outcomes = ({ steps }: { steps: readonly { outcome: string }[] }) => steps.map(({ outcome }) => outcome);
const all = (outcome: string) => plan.steps.map(() => outcome);
const writes = () => world.server.requests.filter(({ method, query }) => method !== "GET" && !query.has("dryRun"));

describe("a plan that may not be carried out", () => {
  it.each([
    ["has expired", { expiresAt: "2026-11-22T11:59:59.000Z" }, "expired"],
    ["is for another cluster", { cluster: "other" }, "for cluster other"],
    ["is for the cluster that bore the name before", { clusterUid: "old" }, "another one than when the plan was made"],
    ["was changed after it was made", { hash: "0".repeat(64) }, "its hash is another"],
  ] as const)("%s: nothing is sent", async (_name, change, words) => {
    const report = await applyPlan(world.enforcer().deps, { ...plan, ...change });
    expect(report.refused).toContain(words);
    expect([writes(), [...world.store.entries.keys()]]).toEqual([[], []]);
  });

  it("was approved under another hash: nothing is sent", async () => {
    const report = await applyPlan(world.enforcer().deps, plan, { approvedHash: "0".repeat(64) });
    expect([report.refused, writes()]).toEqual(["the approval is for another plan", []]);
  });

  it("has a step whose id is no label: it is refused", async () => {
    const [first] = plan.steps;
    if (first === undefined) throw new Error("no step");
    const report = await applyPlan(
      world.enforcer().deps,
      planOf("fake", world.clusterUid, [{ ...first, id: "x".repeat(64) }]),
    );
    expect(report.refused).toContain("no label value");
  });

  it("is a dry run: the server is asked, nothing is changed", async () => {
    const dry = planOf("fake", world.clusterUid, plan.steps, { needs: { mode: "dry-run", approvals: 0 } });
    expect(outcomes(await applyPlan(world.enforcer().deps, dry))).toEqual(all("would"));
    expect([writes(), [...world.store.entries.keys()]]).toEqual([[], []]);
    expect(asMade()).toEqual(before);
  });
});

describe("what the server refuses", () => {
  it("in the dry run is left out with its words, and the rest is done", async () => {
    world.server.faults.always(
      { method: "PATCH", path: "/statefulsets/db" },
      { kind: "status", code: 403, message: "policy says no" },
    );
    const report = await applyPlan(world.enforcer().deps, plan);
    expect(report.steps.filter(({ outcome }) => outcome !== "active")).toMatchObject([
      { subject: "StatefulSet ml/db", outcome: "left-out", detail: expect.stringContaining("policy says no") },
    ]);
  });

  it("only in earnest is reported as failed, and nothing is held of it", async () => {
    const refuse = { kind: "status", code: 403, message: "policy says no" } as const;
    world.server.faults.always({ method: "PATCH", path: "/statefulsets/db", dryRun: false }, refuse);
    const report = await applyPlan(world.enforcer().deps, plan);
    expect(report.steps.filter(({ outcome }) => outcome !== "active")).toMatchObject([
      { subject: "StatefulSet ml/db", outcome: "failed" },
    ]);
    const document = await readStoredHolds(world.store, "fake");
    expect(Object.values(document?.holds ?? {}).map(({ ref }) => ref.kind)).not.toContain("StatefulSet");
    expect(document?.closed).toMatchObject([
      { subject: "StatefulSet ml/db", outcome: expect.stringContaining("policy says no") },
    ]);
  });

  it("for more than 30 % of the writes: in the dry run nothing is begun", async () => {
    world.server.faults.always({ method: "PATCH", path: /\/deployments\// }, { kind: "status", code: 403 });
    const report = await applyPlan(world.enforcer().deps, plan);
    expect(report.aborted).toContain(`5 of ${plan.steps.length} writes`);
    expect([writes(), asMade()]).toEqual([[], before]);
  });

  it("for more than 30 % of the writes: in earnest the rest is not sent, and everything comes back", async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      deployment({ name: `n${index}`, namespace: "ml", replicas: 2 }),
    );
    for (const object of many) world.server.apply(object);
    before = asMade();
    const steps = stepsFor("fake", levers(world.server), () => true);
    world.server.faults.always(
      { method: "PATCH", path: /\/deployments\//, dryRun: false },
      { kind: "status", code: 403 },
    );
    const report = await applyPlan(world.enforcer().deps, planOf("fake", world.clusterUid, steps));
    expect(report.aborted).toBe("too many writes failed");
    expect(writes().length).toBeLessThan(60);
    world.server.faults.clear();
    await restore(world.enforcer().deps, { kind: "all" }, "by hand");
    expect(asMade()).toEqual(before);
  });

  it("on the way back stays wanted: the next run gives it back", async () => {
    await applyPlan(world.enforcer().deps, plan);
    world.server.faults.always(
      { method: "PATCH", path: "/statefulsets/db" },
      { kind: "status", code: 403, message: "frozen" },
    );
    await restore(world.enforcer().deps, { kind: "all" }, "new period");
    expect(Object.values((await readStoredHolds(world.store, "fake"))?.holds ?? {})).toMatchObject([
      { state: "failed", detail: expect.stringContaining("frozen") },
    ]);
    world.server.faults.clear();
    await recover(world.enforcer().deps);
    expect(asMade()).toEqual(before);
  });
});

describe("limits of a run", () => {
  it("the kill switch ends it between two writes; what was written is held, the rest is as before", async () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      deployment({ name: `n${index}`, namespace: "ml", replicas: 2 }),
    );
    for (const object of many) world.server.apply(object);
    before = asMade();
    plan = planOf(
      "fake",
      world.clusterUid,
      stepsFor("fake", levers(world.server), () => true),
    );
    let asked = 0;
    const { deps } = world.enforcer({ stopped: () => ++asked > 1 });
    world.server.onRequest(
      ({ method, query }) => method === "PATCH" && !query.has("dryRun"),
      () => world.clock.advance(1_001),
    );
    const report = await applyPlan(deps, plan);
    expect(report.aborted).toBe("GenOps is stopped (kill switch)");
    expect(new Set(outcomes(report))).toEqual(new Set(["active", "left-out"]));
    expect(await restore(world.enforcer({ stopped: () => true }).deps, { kind: "all" }, "new period")).toMatchObject({
      aborted: "GenOps is stopped (kill switch)",
    });
    await restore(world.enforcer({ stopped: () => true }).deps, { kind: "all" }, "by hand");
    await recover(world.enforcer().deps);
    expect(asMade()).toEqual(before);
  });

  it("a switch that cannot be read counts as stopped", async () => {
    const { deps } = world.enforcer();
    const report = await applyPlan({ ...deps, isStopped: () => Promise.reject(new Error("no lake")) }, plan);
    expect([report.aborted, writes()]).toEqual(["GenOps is stopped (kill switch)", []]);
  });

  it("an answer of the switch serves the writes of one second, no more", async () => {
    let asked = 0;
    const { deps } = world.enforcer({ stopped: () => ++asked > 1e9 });
    await applyPlan(deps, plan);
    expect(asked).toBe(1);
    world.clock.advance(1_001);
    await restore(deps, { kind: "all" }, "new period");
    expect(asked).toBe(2);
  });

  it("nothing is sent after the deadline", async () => {
    const { deps } = world.enforcer({ deadline: world.clock.now() });
    const report = await applyPlan(deps, plan);
    expect([report.aborted, writes()]).toEqual(["there was no time left", []]);
  });

  it("objects per run, and objects that one run gives back, block and prod first", async () => {
    const { deps } = world.enforcer({ caps: { objectsPerRun: 4, restoresPerRun: 2 } });
    const rungs = ["freeze", "throttle", "block", "block"] as const;
    const targets = levers(world.server).filter(({ kind }) => kind === "Deployment");
    const steps = rungs.map((rung, index) =>
      fieldStep(
        "fake",
        targets[index] ?? ({} as never),
        { "/spec/replicas": 0 },
        { rung, environment: index === 3 ? "prod" : "dev", id: `s${index}` },
      ),
    );
    const fifth = fieldStep("fake", targets[4] ?? ({} as never), { "/spec/replicas": 0 }, { id: "s4" });
    const report = await applyPlan(deps, planOf("fake", world.clusterUid, [...steps, fifth]));
    expect(report.steps.find(({ step }) => step === "s4")).toMatchObject({
      outcome: "left-out",
      detail: "more than 4 objects in one run",
    });
    const first = await restore(deps, { kind: "all" }, "new period");
    expect([first.steps.map(({ step }) => step).sort(), first.left]).toEqual([["s2", "s3"], 2]);
    const order = writes()
      .slice(-2)
      .map(({ path }) => path);
    expect(order[0]).toContain("/d");
    const second = await restore(deps, { kind: "all" }, "new period");
    expect([second.steps.map(({ step }) => step), second.left]).toEqual([["s1", "s0"], 0]);
    expect(asMade()).toEqual(before);
  });

  it("what has expired is given back first", async () => {
    const targets = levers(world.server).filter(({ kind }) => kind === "Deployment");
    const steps = targets
      .slice(0, 3)
      .map((live, index) =>
        fieldStep(
          "fake",
          live,
          { "/spec/replicas": 0 },
          { id: `s${index}`, ...(index === 1 ? { expiresAt: "2026-11-22T12:30:00.000Z" } : {}) },
        ),
      );
    await applyPlan(world.enforcer().deps, planOf("fake", world.clusterUid, steps));
    expect((await restore(world.enforcer().deps, { kind: "expired" }, "expired")).steps).toEqual([]);
    world.clock.advance(1_800_000);
    const { deps } = world.enforcer({ caps: { restoresPerRun: 1 } });
    expect((await restore(deps, { kind: "steps", steps: ["s0"] }, "by hand")).steps).toMatchObject([{ step: "s1" }]);
    expect((await restore(deps, { kind: "steps", steps: ["s0"] }, "by hand")).steps).toMatchObject([{ step: "s0" }]);
  });

  it("a run in which nothing has happened writes nothing, and asks for no other run", async () => {
    await applyPlan(world.enforcer().deps, plan);
    const sent = writes().length;
    const tags = () => [...world.store.entries.values()].map(({ etag }) => etag);
    const stored = tags();
    const report = await recover(world.enforcer().deps);
    expect(report).toMatchObject({ steps: [], notices: [] });
    expect(report).not.toHaveProperty("verifyAgainAt");
    expect([writes().length, tags()]).toEqual([sent, stored]);
  });

  it("the list of what has ended does not grow for ever", async () => {
    const { deps } = world.enforcer();
    const target = levers(world.server).find(({ kind }) => kind === "CronJob");
    if (target === undefined) throw new Error("no cron job");
    const steps = [fieldStep("fake", target, { "/spec/suspend": true })];
    await applyPlan(deps, planOf("fake", world.clusterUid, steps));
    await restore(deps, { kind: "all" }, "by hand");
    const document = await readStoredHolds(world.store, "fake");
    expect(document?.closed).toMatchObject([{ subject: "CronJob ml/nightly", outcome: "restored" }]);
    expect(MOST_CLOSED).toBe(500);
  });
});

describe("without the lake", () => {
  it("everything comes back by the annotations and labels on the objects alone", async () => {
    await applyPlan(world.enforcer().deps, plan);
    world.store.entries.clear();
    const report = await restoreFromAnnotations(world.enforcer().deps);
    expect(outcomes(report)).toEqual(all("restored"));
    expect(asMade()).toEqual(before);
    expect([...world.store.entries.keys()]).toEqual([]);
  });

  it("what a person changed since stays, and only our annotations go", async () => {
    await applyPlan(world.enforcer().deps, plan);
    world.store.entries.clear();
    const name = { apiVersion: "apps/v1", kind: "StatefulSet", namespace: "ml", name: "db" };
    world.server.patch(name, { spec: { replicas: 2 } }, { as: "kubectl-edit" });
    await restoreFromAnnotations(world.enforcer().deps);
    expect(world.server.get(name)).toMatchObject({ spec: { replicas: 2 } });
    expect(world.server.get(name)?.metadata.annotations).toBeUndefined();
  });

  it("a lake that comes back afterwards sees that it was restored, and does not begin again", async () => {
    await applyPlan(world.enforcer().deps, plan);
    await restoreFromAnnotations(world.enforcer().deps);
    await recover(world.enforcer().deps);
    await recover(world.enforcer().deps);
    expect(asMade()).toEqual(before);
  });

  it("a lake that was lost: the next run takes up what bears our marks, with its policy and end", async () => {
    await applyPlan(world.enforcer().deps, plan);
    world.store.entries.clear();
    await recover(world.enforcer().deps);
    const document = await readStoredHolds(world.store, "fake");
    expect(Object.keys(document?.holds ?? {})).toHaveLength(plan.steps.length - 1);
    expect(Object.values(document?.holds ?? {})[0]?.layers).toMatchObject([
      { policy: "budget/ml", expiresAt: "2100-01-01T00:00:00.000Z" },
    ]);
    expect(Object.values(document?.own ?? {})).toMatchObject([{ policy: "budget/ml", state: "active" }]);
    await restore(world.enforcer().deps, { kind: "policies", policies: ["budget/ml"] }, "no longer wanted");
    expect(asMade()).toEqual(before);
  });

  it("an original is never read from an object that bears our mark", async () => {
    await applyPlan(world.enforcer().deps, plan);
    world.store.entries.clear();
    const target = levers(world.server).find(({ kind }) => kind === "StatefulSet");
    if (target === undefined) throw new Error("no stateful set");
    const deeper = fieldStep("fake", target, { "/spec/replicas": 0 }, { policy: "budget/all" });
    await applyPlan(world.enforcer().deps, planOf("fake", world.clusterUid, [deeper]));
    await recover(world.enforcer().deps);
    await restore(world.enforcer().deps, { kind: "all" }, "by hand");
    expect(asMade()).toEqual(before);
  });
});
