import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { restore } from "../../../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../../../shared/clusters/enforcement/transaction/recover.ts";
import type { Plan } from "../../../../../shared/clusters/enforcement/types.ts";
import { levers, ownStep, stepsFor, withoutScaled } from "../../../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../../../support/enforcement/fake.ts";
import { fieldStep, planOf } from "../../../../support/enforcement/plans.ts";
import { cronJob, deployment, namespace, nodePool, scaledObject } from "../../../../support/kube-objects.ts";
import type { KubeRequest } from "../../../../support/kube-server/request.ts";
import type { KubeObject } from "../../../../support/kube-server/types.ts";

let world: FakeWorld;
let plan: Plan;
let before: Readonly<Record<string, KubeObject>>;

beforeEach(async () => {
  world = await openFakeWorld();
  const objects = [
    namespace("ml"),
    ...["a", "b", "c", "d"].map((name) => deployment({ name, namespace: "ml", replicas: 3 })),
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
const isWrite = ({ method, query }: KubeRequest) => method !== "GET" && !query.has("dryRun");
const outcomes = ({ steps }: { steps: readonly { outcome: string }[] }) => steps.map(({ outcome }) => outcome);
const all = (outcome: string) => plan.steps.map(() => outcome);

/** Every n-th write goes wrong, counted over the run. */
function everyNth(n: number, fault: Parameters<FakeWorld["server"]["faults"]["always"]>[1]): void {
  let count = 0;
  world.server.faults.decide((request) => (isWrite(request) && ++count % n === 0 ? fault : undefined));
}

describe("lost answers", () => {
  it.each(["resetAfter", "resetBefore"] as const)(
    "%s: what was sent is found, or sent again, never done twice",
    async (kind) => {
      everyNth(2, { kind });
      const { deps } = world.enforcer();
      expect(outcomes(await applyPlan(deps, plan)).filter((outcome) => outcome === "failed")).toEqual([]);
      world.server.faults.clear();
      await recover(deps);
      expect(outcomes(await applyPlan(deps, plan))).toEqual(all("active"));
      everyNth(2, { kind });
      await restore(deps, { kind: "all" }, "new period");
      world.server.faults.clear();
      await recover(deps);
      await restore(deps, { kind: "all" }, "new period");
      expect(asMade()).toEqual(before);
    },
  );

  it("every answer lost: nothing is claimed, and the next run knows", async () => {
    world.server.faults.always(isWrite, { kind: "resetAfter" });
    const { deps } = world.enforcer({ caps: { objectsPerRun: 100 } });
    const report = await applyPlan(deps, plan);
    expect(new Set(outcomes(report))).toEqual(new Set(["active", "waiting"]));
    world.server.faults.clear();
    await recover(deps);
    expect(outcomes(await applyPlan(deps, plan))).toEqual(all("active"));
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });
});

describe("a server under load", () => {
  it.each([429, 503])("%i with Retry-After is waited for", async (code) => {
    everyNth(2, { kind: "status", code, retryAfterSeconds: 2 });
    const { deps } = world.enforcer();
    const start = world.clock.now().getTime();
    expect(outcomes(await applyPlan(deps, plan))).toEqual(all("active"));
    expect(world.clock.now().getTime() - start).toBeGreaterThanOrEqual(2_000);
    expect(outcomes(await restore(deps, { kind: "all" }, "new period"))).toEqual(all("restored"));
    expect(asMade()).toEqual(before);
  });

  it("a storm of conflicts: everything is decided anew, and what never gets through is given up", async () => {
    const stop = world.server.onRequest(
      (request) => isWrite(request) && request.method === "PATCH" && request.path.endsWith("/deployments/a"),
      () => void world.server.patch(deploymentA, { metadata: { labels: { tick: String(++ticks) } } }),
    );
    let ticks = 0;
    const { deps } = world.enforcer();
    const report = await applyPlan(deps, plan);
    expect(report.steps.find(({ subject }) => subject === "Deployment ml/a")).toMatchObject({
      outcome: "left-out",
      detail: "others change the object all the time",
    });
    expect(outcomes(report).filter((outcome) => outcome === "active")).toHaveLength(plan.steps.length - 1);
    expect(ticks).toBe(4);
    stop();
    world.server.patch(deploymentA, { metadata: { labels: null } });
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });

  it("what admission refuses is found out beforehand, also where a controller is quicker than the dry run", async () => {
    const live = await world.enforcer().deps.client.get(deploymentA);
    if (live === undefined) throw new Error("there is no deployment a");
    const step = fieldStep("fake", live, { "/spec/replicas": -1 });
    let ticks = 0;
    world.server.onRequest(
      ({ method, query }) => method === "PATCH" && query.has("dryRun"),
      () => {
        if (++ticks === 1)
          world.server.patch(deploymentA, { status: { unavailableReplicas: 50 } }, { subresource: "status" });
      },
    );
    const report = await applyPlan(world.enforcer().deps, planOf("fake", world.clusterUid, [step]));
    expect(report.steps).toMatchObject([{ outcome: "left-out", detail: expect.stringContaining("spec.replicas") }]);
    expect(world.server.requests.filter(isWrite)).toEqual([]);
  });

  it("a status update between reading and writing is no reason to give up", async () => {
    let ticks = 0;
    world.server.onRequest(
      (request) => isWrite(request) && request.path.endsWith("/deployments/a"),
      () => {
        if (++ticks < 3)
          world.server.patch(deploymentA, { status: { unavailableReplicas: 50 + ticks } }, { subresource: "status" });
      },
    );
    const { deps } = world.enforcer();
    expect(outcomes(await applyPlan(deps, plan))).toEqual(all("active"));
    expect(ticks).toBe(3);
    expect(outcomes(await restore(deps, { kind: "all" }, "new period"))).toEqual(all("restored"));
    expect(asMade()).toEqual(before);
  });
});

const deploymentA = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "a" };

describe("tokens and connections", () => {
  it("a token that expires on the way is replaced", async () => {
    const caller = { user: "genops-enforcer", groups: ["genops:enforcer", "system:authenticated"] };
    let token = world.server.tokens.enforcer;
    let writes = 0;
    world.server.onRequest(isWrite, () => {
      if (++writes !== 3) return;
      world.server.access.end(token);
      token = world.server.access.issue(caller);
    });
    const { deps } = world.enforcer({ token: () => token });
    expect(outcomes(await applyPlan(deps, plan))).toEqual(all("active"));
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });

  it.each([1, 3, 6])("a cluster that disappears at write %i and returns is found again by the next run", async (at) => {
    let writes = 0;
    const stop = world.server.onRequest(isWrite, () => {
      if (++writes === at) void world.server.disappear();
    });
    const { deps } = world.enforcer({ repeats: 0, timeoutMs: 500 });
    const report = await applyPlan(deps, plan);
    expect(report.aborted ?? outcomes(report).join()).toBeTruthy();
    stop();
    await world.server.reappear();
    await recover(deps);
    expect(outcomes(await applyPlan(deps, plan))).toEqual(all("active"));
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });

  it("a cluster that does not answer at all is told, and nothing is written down", async () => {
    const { deps } = world.enforcer({ repeats: 0 });
    await world.server.disappear();
    await expect(applyPlan(deps, plan)).rejects.toMatchObject({ code: "unavailable" });
    expect([...world.store.entries.keys()]).toEqual([]);
    await world.server.reappear();
  });
});
