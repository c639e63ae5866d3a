import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStoredHolds } from "../../../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../../../shared/clusters/enforcement/transaction/recover.ts";
import type { Step, Write } from "../../../../../shared/clusters/enforcement/types.ts";
import { GenOpsError } from "../../../../../shared/core/errors.ts";
import { canonicalJson } from "../../../../../shared/core/json.ts";
import type { BillingControl, BillingState } from "../../../../../shared/ports/billing-control.ts";
import { levers, ownStep, withoutScaled } from "../../../../support/enforcement/clusters.ts";
import { Crash, crashing } from "../../../../support/enforcement/crash.ts";
import { type FakeWorld, openFakeWorld } from "../../../../support/enforcement/fake.ts";
import { fieldStep, planOf, stepOf } from "../../../../support/enforcement/plans.ts";
import { deployment, namespace, pdb, scaledObject } from "../../../../support/kube-objects.ts";

let world: FakeWorld;
beforeEach(async () => {
  world = await openFakeWorld();
  world.server.apply(namespace("ml"));
  world.server.apply(deployment({ name: "web", namespace: "ml", replicas: 3 }));
});
afterEach(() => world.close());

const asMade = () => withoutScaled(world.server.snapshot({ stripped: true }));
const planFor = (...steps: Step[]) => planOf("fake", world.clusterUid, steps);
const WEB = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "web" };
const QUOTA = { apiVersion: "v1", kind: "ResourceQuota", namespace: "ml", name: "genops-budget" };

function web() {
  const found = levers(world.server).find(({ kind }) => kind === "Deployment");
  if (found === undefined) throw new Error("no deployment");
  return found;
}

describe("with scale-only rights", () => {
  const scaleStep = (replicas: number, policy?: string) =>
    fieldStep(
      "fake",
      web(),
      { "/spec/replicas": replicas },
      { via: "scale", ...(policy === undefined ? {} : { policy }) },
    );

  it("only the scale subresource is written, nothing stands on the object, and everything comes back", async () => {
    const before = asMade();
    const { deps } = world.enforcer();
    expect((await applyPlan(deps, planFor(scaleStep(0)))).steps).toMatchObject([{ outcome: "active" }]);
    expect(world.server.get(WEB)).toMatchObject({ spec: { replicas: 0 } });
    expect(world.server.get(WEB)?.metadata.annotations).not.toHaveProperty("genops.ai/original");
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
    const written = world.server.requests.filter(({ method }) => method !== "GET");
    expect(new Set(written.map(({ path }) => path.split("/").at(-1)))).toEqual(new Set(["scale"]));
  });

  it.each(["before", "after", "late"] as const)(
    "a crash %s any write is completed or undone, a late write waited for",
    async (when) => {
      const before = asMade();
      for (let at = 1; at <= 6; at++) {
        const crash = crashing({ at, when });
        const { deps } = world.enforcer({ wrap: crash.wrap, store: crash.store(world.store) });
        const whole = async () => {
          await applyPlan(deps, planFor(scaleStep(0)));
          await restore(deps, { kind: "all" }, "by hand");
        };
        await expect(whole()).rejects.toBeInstanceOf(Crash);
        const next = world.enforcer();
        await restore(next.deps, { kind: "all" }, "by hand");
        await recover(next.deps);
        await crash.deliver();
        for (let run = 0; run < 3; run++) {
          world.clock.advance(31 * 60_000);
          await recover(world.enforcer().deps);
          await restore(world.enforcer().deps, { kind: "all" }, "by hand");
        }
        expect(asMade(), `crash at ${at}`).toEqual(before);
        expect((await readStoredHolds(world.store, "fake"))?.holds ?? {}).toEqual({});
      }
    },
  );

  it("a write that is under way is not forgotten by a run that is stopped", async () => {
    const before = asMade();
    const crash = crashing({ at: 2, when: "late" });
    const dying = world.enforcer({ wrap: crash.wrap, store: crash.store(world.store) });
    await expect(applyPlan(dying.deps, planFor(scaleStep(0)))).rejects.toBeInstanceOf(Crash);
    await recover(world.enforcer({ stopped: () => true }).deps);
    await crash.deliver();
    expect(world.server.get(WEB)).toMatchObject({ spec: { replicas: 0 } });
    await recover(world.enforcer().deps);
    await restore(world.enforcer().deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });

  it("a person's count stays", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(scaleStep(0)));
    world.server.patch(WEB, { spec: { replicas: 2 } }, { as: "kubectl-scale", subresource: "scale" });
    expect((await recover(deps)).notices).toMatchObject([{ kind: "overridden" }]);
    await restore(deps, { kind: "all" }, "new period");
    expect(world.server.get(WEB)).toMatchObject({ spec: { replicas: 2 } });
  });
});

describe("objects of ours", () => {
  it("are made with our label and deleted by their uid", async () => {
    const before = asMade();
    const { deps } = world.enforcer();
    const step = ownStep("fake", "ml");
    expect((await applyPlan(deps, planFor(step))).steps).toMatchObject([{ outcome: "active" }]);
    expect(world.server.get(QUOTA)?.metadata.labels).toEqual({ "genops.ai/enforcement": step.id });
    expect((await applyPlan(deps, planFor(step))).steps).toMatchObject([{ outcome: "active" }]);
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });

  it("never take over one of the same name that is not ours, nor delete it", async () => {
    world.server.apply({ ...QUOTA, metadata: { name: QUOTA.name, namespace: "ml" }, spec: { hard: { pods: "9" } } });
    const before = asMade();
    const { deps } = world.enforcer();
    const report = await applyPlan(
      deps,
      planFor(ownStep("fake", "ml"), ...[0, 1, 2].map((index) => pausing(`p${index}`))),
    );
    expect(report.steps.find(({ subject }) => subject.startsWith("ResourceQuota"))).toMatchObject({
      outcome: "left-out",
      detail: expect.stringContaining("is there already"),
    });
    await restore(deps, { kind: "all" }, "new period");
    expect(asMade()).toEqual(before);
  });

  it("that a person deleted, or took our label from, are not made again", async () => {
    const { deps } = world.enforcer();
    await applyPlan(deps, planFor(ownStep("fake", "ml")));
    world.server.patch(QUOTA, { metadata: { labels: null } });
    expect((await recover(deps)).notices).toMatchObject([
      { kind: "overridden", text: expect.stringContaining("is not ours any more") },
    ]);
    await recover(deps);
    expect(world.server.get(QUOTA)).toBeDefined();
    expect((await readStoredHolds(world.store, "fake"))?.own).toEqual({});
  });
});

function pausing(id: string): Step {
  const objects = [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: id, namespace: "ml" } }];
  return stepOf("fake", `ConfigMap ml/${id}`, { kind: "objects", objects }, { id, action: "deny-growth" });
}

describe("KEDA", () => {
  const SCALED = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", namespace: "ml", name: "queue" };
  const paused = { "/metadata/annotations/autoscaling.keda.sh~1paused": "true" };

  function prepare(): Step {
    world.server.apply(deployment({ name: "queue", namespace: "ml", replicas: 2 }));
    world.server.apply(scaledObject({ name: "queue", namespace: "ml", target: "queue", min: 2 }));
    const live = levers(world.server).find(({ kind }) => kind === "ScaledObject");
    if (live === undefined) throw new Error("no ScaledObject");
    return fieldStep("fake", live, paused, { action: "hold-keda" });
  }

  it("must confirm the pause: until then it is waited for, and looked at again in 30 seconds", async () => {
    await world.close();
    world = await openFakeWorld({ controllers: "manual" });
    const step = prepare();
    const { deps } = world.enforcer();
    const report = await applyPlan(deps, planFor(step));
    expect(report).toMatchObject({ steps: [{ outcome: "waiting" }], verifyAgainAt: "2026-11-22T12:00:30.000Z" });
    world.server.settle();
    world.clock.advance(30_000);
    await recover(deps);
    expect(Object.values((await readStoredHolds(world.store, "fake"))?.holds ?? {})).toMatchObject([
      { state: "active" },
    ]);
  });

  it("that does not confirm it within five minutes gets its annotation back off", async () => {
    await world.close();
    world = await openFakeWorld({ controllers: "manual" });
    const step = prepare();
    world.server.settle();
    await applyPlan(world.enforcer().deps, planFor(step));
    world.clock.advance(5 * 60_000);
    const report = await recover(world.enforcer().deps);
    expect(report.steps).toMatchObject([{ outcome: "failed", detail: expect.stringContaining("KEDA has not paused") }]);
    expect(world.server.get(SCALED)?.metadata.annotations ?? {}).not.toHaveProperty("autoscaling.keda.sh/paused");
  });

  it("must bring its HPA back after the restore: until then it is waited for, and told when it does not come", async () => {
    await world.close();
    world = await openFakeWorld({ controllers: "manual" });
    const step = prepare();
    world.server.settle();
    await applyPlan(world.enforcer().deps, planFor(step));
    world.server.settle();
    await recover(world.enforcer().deps);
    const restored = await restore(world.enforcer().deps, { kind: "all" }, "new period");
    expect([restored.steps, restored.verifyAgainAt]).toEqual([[], "2026-11-22T12:00:30.000Z"]);
    expect(Object.values((await readStoredHolds(world.store, "fake"))?.holds ?? {})).toMatchObject([
      { state: "pending", detail: "KEDA has not made its autoscaler again yet" },
    ]);
    world.clock.advance(5 * 60_000);
    const report = await recover(world.enforcer().deps);
    expect(report.notices).toMatchObject([{ kind: "failed", text: expect.stringContaining("HPA") }]);
    expect((await readStoredHolds(world.store, "fake"))?.holds).toEqual({});
  });

  it("that brings its HPA back at once ends the restore", async () => {
    const step = prepare();
    await applyPlan(world.enforcer().deps, planFor(step));
    expect(world.server.list("autoscaling/v2", "HorizontalPodAutoscaler", "ml")).toEqual([]);
    const report = await restore(world.enforcer().deps, { kind: "all" }, "new period");
    expect(report.steps).toMatchObject([{ outcome: "restored" }]);
    expect(world.server.list("autoscaling/v2", "HorizontalPodAutoscaler", "ml")).toHaveLength(1);
  });
});

describe("what cannot be undone", () => {
  const pods = () =>
    world.server.list("v1", "Pod", "ml").map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      namespace: "ml",
      name: metadata.name,
      uid: metadata.uid ?? "",
    }));
  const human = (write: Write, action: Step["action"]) => ({
    ...stepOf("fake", "pods of ml/web", write, { rung: "human", action, id: "human-1" }),
    reversible: false,
  });

  it("evictions are carried out, and written down before and after", async () => {
    const chosen = pods().slice(0, 2);
    const report = await applyPlan(
      world.enforcer().deps,
      planFor(human({ kind: "evict", pods: chosen }, "evict-pods")),
    );
    expect(report.steps).toMatchObject([{ outcome: "carried-out", detail: "2 of 2 pods evicted" }]);
    expect(pods().map(({ uid }) => uid)).not.toEqual(expect.arrayContaining([chosen[0]?.uid]));
    expect((await readStoredHolds(world.store, "fake"))?.closed).toMatchObject([
      { step: "human-1", outcome: "irreversible: 2 of 2 pods evicted" },
    ]);
  });

  it("what a disruption budget forbids is asked again until the deadline, and is never deleted instead", async () => {
    world.server.apply(pdb({ name: "web", namespace: "ml", app: "web", minAvailable: 3 }));
    const start = world.clock.now().getTime();
    const deadline = new Date(start + 60_000);
    const before = pods().map(({ uid }) => uid);
    const step = human({ kind: "evict", pods: pods().slice(0, 1) }, "evict-pods");
    const report = await applyPlan(world.enforcer({ deadline }).deps, planFor(step));
    expect(report.steps).toMatchObject([
      { outcome: "failed", detail: expect.stringContaining("a disruption budget does not allow it") },
    ]);
    expect(pods().map(({ uid }) => uid)).toEqual(before);
    expect(world.server.requests.filter(({ method }) => method === "DELETE")).toEqual([]);
    expect(
      world.server.requests.filter(({ path, query }) => path.endsWith("/eviction") && !query.has("dryRun")).length,
    ).toBeGreaterThan(3);
  });

  it("a deletion is bound to the uid: what bears the name since is left alone", async () => {
    const target = { cluster: "fake", ...WEB, uid: world.server.get(WEB)?.metadata.uid ?? "" };
    const step = human({ kind: "delete", target }, "no-execute");
    world.server.delete(WEB);
    world.server.apply(deployment({ name: "web", namespace: "ml", replicas: 1 }));
    await applyPlan(world.enforcer().deps, planFor(step));
    expect(world.server.get(WEB)).toBeDefined();
  });
});

describe("a cloud's billing side", () => {
  const target = { kind: "resize-node-pool", cluster: "fake", pool: "gpu" } as const;
  const sized = (nodes: number) => ({ desired: nodes, min: nodes, max: nodes, autoscaled: false });
  let state: BillingState;
  let changes: number;
  const control: BillingControl = {
    read: () => Promise.resolve(state),
    dryRun: (_target, from) =>
      Promise.resolve(
        canonicalJson(from) === canonicalJson(sized(5)) ? { ok: true } : { ok: false, reason: "no right" },
      ),
    change(_target, from, to) {
      if (state["desired"] === to["desired"]) return Promise.resolve(state);
      if (state["desired"] !== from["desired"]) return Promise.reject(new GenOpsError("conflict", "changed"));
      changes++;
      state = to;
      return Promise.resolve(state);
    },
    reversible: () => ({ yes: true }),
  };
  const billing = (name: string) => (name === "pool" ? { control, target } : undefined);
  const step = (from = 5, name = "pool") =>
    stepOf(
      "fake",
      "node pool gpu",
      { kind: "billing", control: name, from: sized(from), to: sized(0) },
      { action: "resize-node-pool" },
    );

  beforeEach(() => {
    state = sized(5);
    changes = 0;
  });

  it("is changed and given back like everything else, once", async () => {
    const { deps } = world.enforcer({ billing });
    expect((await applyPlan(deps, planFor(step()))).steps).toMatchObject([{ outcome: "active" }]);
    expect([state, changes]).toEqual([sized(0), 1]);
    await recover(deps);
    expect((await restore(deps, { kind: "all" }, "new period")).steps).toMatchObject([{ outcome: "restored" }]);
    expect([state, changes]).toEqual([sized(5), 2]);
  });

  it.each(["before", "after"] as const)(
    "a crash %s any write of the lake is completed by the next run",
    async (when) => {
      for (let at = 1; at <= 4; at++) {
        state = sized(5);
        const crash = crashing({ at, when });
        const { deps } = world.enforcer({ billing, store: crash.store(world.store) });
        const whole = async () => {
          await applyPlan(deps, planFor(step()));
          await restore(deps, { kind: "all" }, "by hand");
        };
        await expect(whole()).rejects.toBeInstanceOf(Crash);
        const next = world.enforcer({ billing });
        await recover(next.deps);
        await restore(next.deps, { kind: "all" }, "by hand");
        expect(state, `crash at ${at}`).toEqual(sized(5));
        expect((await readStoredHolds(world.store, "fake"))?.own ?? {}).toEqual({});
      }
    },
  );

  it("that somebody else changed is left alone, before and after", async () => {
    const { deps } = world.enforcer({ billing });
    state = sized(7);
    expect((await applyPlan(deps, planFor(step()))).steps).toMatchObject([{ outcome: "left-out" }]);
    state = sized(5);
    await applyPlan(deps, planFor(step()));
    state = sized(3);
    expect((await restore(deps, { kind: "all" }, "new period")).steps).toMatchObject([{ outcome: "kept" }]);
    expect(state).toEqual(sized(3));
  });

  it("says what the cloud would not tell beforehand, in a dry run and when it is carried out", async () => {
    const unchecked = "Google does not tell which permissions there are";
    const silent = { ...control, dryRun: () => Promise.resolve({ ok: true, unchecked } as const) };
    const { deps } = world.enforcer({ billing: () => ({ control: silent, target }) });
    const plan = planFor(step());
    const detail = `not checked beforehand: ${unchecked}`;
    expect((await applyPlan(deps, { ...plan, needs: { mode: "dry-run", approvals: 0 } })).steps).toMatchObject([
      { outcome: "would", detail },
    ]);
    expect((await applyPlan(deps, plan)).steps).toMatchObject([{ outcome: "active", detail }]);
  });

  it("without the right, or without a configured control, is left out", async () => {
    const { deps } = world.enforcer({ billing });
    expect((await applyPlan(deps, planFor(step(6)))).steps).toMatchObject([
      { outcome: "left-out", detail: "no right" },
    ]);
    expect((await applyPlan(deps, planFor(step(5, "other")))).steps).toMatchObject([
      { outcome: "left-out", detail: "billing control other is not configured here" },
    ]);
  });
});
