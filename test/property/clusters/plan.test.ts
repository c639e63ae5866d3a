import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/clusters/connections/types.ts";
import { readField, withFields } from "../../../shared/clusters/enforcement/fields.ts";
import { createPlan } from "../../../shared/clusters/enforcement/plan/create-plan.ts";
import type { ClusterHolds, Plan } from "../../../shared/clusters/enforcement/types.ts";
import { RUNGS } from "../../../shared/clusters/enforcement/types.ts";
import { numberAt } from "../../../shared/clusters/inventory/fields.ts";
import { fromInteger, parseDecimal, sum } from "../../../shared/core/decimal.ts";
import { hpa, scaledObject } from "../../support/action-subjects.ts";
import { deployment, namespace, object, pod, workload } from "../../support/cluster-objects.ts";
import {
  blocking,
  capsOf,
  carriedOut,
  enforcementSettings,
  flatPrices,
  heldAfter,
  inventoryOf,
  NOW,
  planInput,
  wanted,
} from "../../support/plan-world.ts";

const PLACES = ["a", "b", "c"] as const;
/** The same names in every namespace, so that mixing them up would show. */
const NAMES = ["web", "api", "job"] as const;

const Place = fc.record({
  enforce: fc.constantFrom("block", "block", "block", "throttle", "freeze", "nonsense", undefined),
  environment: fc.constantFrom("dev", "staging", "prod", undefined),
  mark: fc.constantFrom(
    {},
    {},
    {},
    {},
    {},
    { "genops.ai/protected": "true" },
    { "genops.ai/exempt-until": "2026-12-24" },
  ),
});

const Thing = fc.record({
  place: fc.constantFrom(...PLACES),
  name: fc.constantFrom(...NAMES),
  kind: fc.constantFrom("Deployment", "Deployment", "StatefulSet", "CronJob", "Job"),
  replicas: fc.integer({ min: 0, max: 12 }),
  owner: fc.constantFrom("nobody", "hpa", "keda", "operator"),
  min: fc.integer({ min: 1, max: 4 }),
  max: fc.integer({ min: 1, max: 15 }),
  budget: fc.integer({ min: 0, max: 5 }),
  team: fc.constantFrom("ml", "web"),
  allow: fc.boolean(),
  mark: fc.constantFrom(
    {},
    {},
    {},
    {},
    {},
    { "genops.ai/protected": "true" },
    { "genops.ai/exempt-until": "2026-12-24" },
  ),
  isNew: fc.constantFrom(false, false, false, false, true),
});

const World = fc.record({
  places: fc.tuple(Place, Place, Place),
  things: fc.uniqueArray(Thing, { maxLength: 9, selector: ({ place, name, kind }) => `${place}/${kind}/${name}` }),
  bare: fc.array(fc.constantFrom(...PLACES), { maxLength: 2 }),
});

const Asked = fc.record({
  rung: fc.constantFrom("throttle", "block"),
  atOnce: fc.boolean(),
  need: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  teams: fc.constantFrom(undefined, ["ml"]),
  objectsPerRun: fc.integer({ min: 1, max: 12 }),
  share: fc.constantFrom("0.1", "0.25", "0.5", "1"),
  prodFloor: fc.integer({ min: 1, max: 3 }),
});

type WorldParts = typeof World extends fc.Arbitrary<infer Parts> ? Parts : never;
type AskedParts = typeof Asked extends fc.Arbitrary<infer Parts> ? Parts : never;

function clusterOf({ places, things, bare }: WorldParts): KubeObject[] {
  const spaces = places.map(({ enforce, environment, mark }, index) =>
    namespace(PLACES[index] ?? "a", {
      labels: {
        ...(enforce === undefined ? {} : { "genops.ai/enforce": enforce }),
        ...(environment === undefined ? {} : { "genops.ai/environment": environment }),
        ...mark,
      },
    }),
  );
  const pods = bare.map((place, index) => pod({ namespace: place, name: `bare-${index}`, cpu: "1" }));
  return [...spaces, ...pods, ...things.flatMap(thingObjects)];
}

function thingObjects(thing: WorldParts["things"][number]): KubeObject[] {
  const { place, name, kind, replicas, owner, min, max, budget, team, allow, mark, isNew } = thing;
  const full = `${name}-${kind.toLowerCase()}`;
  const common = {
    namespace: place,
    name: full,
    labels: { "genops.ai/team": team },
    annotations: { ...mark, ...(allow ? { "genops.ai/allow": "statefulset,job" } : {}) },
    metadata: { creationTimestamp: isNew ? "2026-11-22T11:55:00Z" : "2026-01-01T00:00:00Z" },
  };
  if (kind === "CronJob") return [workload("batch/v1", kind, common)];
  if (kind === "Job") return [workload("batch/v1", kind, { ...common, more: { parallelism: replicas } })];
  const operator = object("example.com/v1", "Operator", { namespace: place, name: "op" });
  const parts = { ...common, replicas, ...(owner === "operator" ? { owner: operator } : {}) };
  const top = kind === "Deployment" ? deployment(parts) : workload("apps/v1", kind, parts);
  const scaler = hpa(top, { min: Math.min(min, max), max, current: replicas });
  const scaled = scaledObject(top);
  const guard = object(
    "policy/v1",
    "PodDisruptionBudget",
    { namespace: place, name: full },
    {
      spec: { minAvailable: budget, selector: { matchLabels: { app: full } } },
    },
  );
  const keda = { ...scaled, spec: { scaleTargetRef: { name: full, kind } } };
  return [top, guard, ...(owner === "hpa" ? [scaler] : []), ...(owner === "keda" ? [keda] : [])];
}

function inputFor(objects: readonly KubeObject[], asked: AskedParts, holds?: ClusterHolds) {
  const { rung, atOnce, need, teams, objectsPerRun, share, prodFloor } = asked;
  const scopes = [teams === undefined ? {} : { team: teams }];
  const reduce = need === undefined ? {} : { reduceByPerHour: fromInteger(need) };
  const caps = capsOf({ objectsPerRun, namespaceShare: parseDecimal(share), prodFloor });
  const throttle = wanted({ atOnce, scopes, ...reduce });
  const wants = rung === "block" ? [throttle, wanted({ ...blocking, atOnce, scopes })] : [throttle];
  return planInput(objects, { wants, settings: { caps }, ...(holds === undefined ? {} : { holds }) });
}

/** Plans one after the other, each carried out before the next. */
function runs(
  objects: readonly KubeObject[],
  asked: AskedParts,
  count: number,
): { plan: Plan; objects: readonly KubeObject[]; before: ClusterHolds | undefined }[] {
  const found = [];
  let [live, holds]: [readonly KubeObject[], ClusterHolds | undefined] = [objects, undefined];
  for (let run = 0; run < count; run++) {
    const plan = createPlan(inputFor(live, asked, holds));
    found.push({ plan, objects: live, before: holds });
    [live, holds] = [carriedOut(live, plan), heldAfter(plan, holds)];
  }
  return found;
}

/** Holds for every plan of a cluster on which several runs were carried out. */
function everyPlan(
  check: (plan: Plan, objects: readonly KubeObject[], asked: AskedParts, before: ClusterHolds | undefined) => void,
): void {
  fc.assert(
    fc.property(World, Asked, (world, asked) => {
      for (const { plan, objects, before } of runs(clusterOf(world), asked, 4)) check(plan, objects, asked, before);
    }),
    { numRuns: 150 },
  );
}

function byUid(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((each) => [each.metadata.uid ?? "", each]));
}

describe("every plan", () => {
  it("stays in opted-in namespaces, and at or below what they allow", () => {
    expect.hasAssertions();
    everyPlan((plan, objects) => {
      const labels = new Map(
        objects
          .filter(({ kind }) => kind === "Namespace")
          .map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
      );
      for (const { namespace: place = "", rung } of plan.steps) {
        const allowed = labels.get(place)?.["genops.ai/enforce"];
        expect(["freeze", "throttle", "block"]).toContain(allowed);
        expect(RUNGS.indexOf(rung)).toBeLessThanOrEqual([...RUNGS].map(String).indexOf(allowed ?? ""));
        expect(labels.get(place)).not.toHaveProperty(["genops.ai/protected"]);
        expect(labels.get(place)).not.toHaveProperty(["genops.ai/exempt-until"]);
      }
    });
  });

  it("never writes to a protected, exempt or new workload, nor to its autoscaler", () => {
    expect.hasAssertions();
    everyPlan((plan, objects) => {
      const names = new Map(objects.map((each) => [`${each.metadata.namespace}/${each.metadata.name}`, each]));
      const tops = objects.filter(({ kind }) => ["Deployment", "StatefulSet", "CronJob", "Job"].includes(kind));
      const top = new Map(tops.map((each) => [`${each.metadata.namespace}/${each.metadata.name}`, each]));
      for (const { write } of plan.steps) {
        if (write.kind !== "fields") continue;
        const found = top.get(`${write.target.namespace}/${write.target.name}`);
        expect(names.size).toBeGreaterThan(0);
        expect(found?.metadata.annotations).not.toHaveProperty(["genops.ai/protected"]);
        expect(found?.metadata.annotations).not.toHaveProperty(["genops.ai/exempt-until"]);
        expect(found?.metadata.creationTimestamp).toBe("2026-01-01T00:00:00Z");
        expect(found?.metadata.ownerReferences).toBeUndefined();
      }
    });
  });

  it("keeps to its caps", () => {
    expect.hasAssertions();
    everyPlan((plan, objects, { objectsPerRun, share }, before) => {
      expect(plan.steps.length).toBeLessThanOrEqual(objectsPerRun);
      const scaled = objects.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
      for (const place of PLACES) {
        const replicas = scaled
          .filter(({ metadata }) => metadata.namespace === place)
          .map((each) => {
            const original = before?.holds[each.metadata.uid ?? ""]?.originals["/spec/replicas"];
            const was = original !== undefined && "value" in original ? Number(original.value) : 0;
            return Math.max(was, numberAt(each, "spec", "replicas") ?? 1);
          })
          .reduce((total, count) => total + count, 0);
        const taken = plan.steps
          .filter(({ namespace: where, action }) => where === place && !["suspend-job", "cap-hpa"].includes(action))
          .reduce((total, { pods }) => total + pods, 0);
        expect(taken).toBeLessThanOrEqual(Math.max(1, Math.floor(Number(share) * replicas)));
      }
    });
  });

  it("reads each value from the very object that it changes, touches none twice, and changes something", () => {
    expect.hasAssertions();
    everyPlan((plan, objects) => {
      const live = byUid(objects);
      const targets = plan.steps.flatMap(({ write }) => (write.kind === "fields" ? [write.target.uid] : []));
      expect(new Set(targets).size).toBe(targets.length);
      expect(new Set(plan.steps.map(({ id }) => id)).size).toBe(plan.steps.length);
      for (const { write } of plan.steps) {
        if (write.kind !== "fields") continue;
        const found = live.get(write.target.uid);
        expect(found?.metadata).toMatchObject({ namespace: write.target.namespace, name: write.target.name });
        if (found === undefined) continue;
        for (const { pointer, from } of write.fields) expect(readField(found, pointer)).toEqual(from);
        const values = Object.fromEntries(write.fields.map(({ pointer, to }) => [pointer, to]));
        expect(withFields(found, values)).not.toEqual(found);
      }
    });
  });

  it("throttles no workload below its floor or its disruption budget, and scales nothing up", () => {
    expect.hasAssertions();
    everyPlan((plan, objects, { prodFloor }) => {
      const live = byUid(objects);
      const guards = new Map(
        objects
          .filter(({ kind }) => kind === "PodDisruptionBudget")
          .map((each) => [
            `${each.metadata.namespace}/${each.metadata.name}`,
            numberAt(each, "spec", "minAvailable") ?? 0,
          ]),
      );
      for (const { write, rung, action, environment } of plan.steps) {
        if (write.kind !== "fields") continue;
        const after = write.fields.find(
          ({ pointer }) =>
            ["/spec/replicas", "/spec/maxReplicas"].includes(pointer) || pointer.endsWith("paused-replicas"),
        )?.to;
        if (after === undefined || "absent" in after) continue;
        const target = live.get(write.target.uid);
        const guard = guards.get(`${write.target.namespace}/${write.target.name}`) ?? 0;
        const floor = Math.max(1, guard, ["dev", "staging"].includes(environment) ? 1 : prodFloor);
        if (rung === "throttle") expect(Number(after.value)).toBeGreaterThanOrEqual(floor);
        if (action.startsWith("scale-to"))
          expect(Number(after.value)).toBeLessThan(numberAt(target, "spec", "replicas") ?? 1);
        expect(Number(after.value)).toBeGreaterThanOrEqual(rung === "block" ? 0 : 1);
      }
    });
  });

  it("leaves every autoscaler with 1 ≤ min ≤ max", () => {
    expect.hasAssertions();
    everyPlan((plan, objects) => {
      const after = carriedOut(objects, plan).filter(({ kind }) => kind === "HorizontalPodAutoscaler");
      expect(plan.hash).toHaveLength(64);
      for (const each of after) {
        const [min, max] = [numberAt(each, "spec", "minReplicas") ?? 1, numberAt(each, "spec", "maxReplicas") ?? 0];
        expect(min).toBeGreaterThanOrEqual(1);
        expect(min).toBeLessThanOrEqual(max);
      }
    });
  });

  it("adds up to the last digit", () => {
    expect.hasAssertions();
    everyPlan((plan) => {
      expect(sum(plan.steps.map(({ savesPerHour }) => savesPerHour))).toBe(plan.savesPerHour);
      expect(plan.steps.every(({ savesPerHour }) => savesPerHour >= 0n)).toBe(true);
    });
  });

  it("goes at most one rung beyond what was held, unless it is asked to go at once", () => {
    expect.hasAssertions();
    everyPlan((plan, _objects, { atOnce }, before) => {
      const layers = [
        ...Object.values(before?.holds ?? {}).flatMap((hold) => hold.layers),
        ...Object.values(before?.own ?? {}),
      ];
      const reached = Math.max(-1, ...layers.map(({ rung }) => RUNGS.indexOf(rung)));
      const strongest = Math.max(-1, ...plan.steps.map(({ rung }) => RUNGS.indexOf(rung)));
      const hadNothingBelow = plan.steps.every(({ rung }) => RUNGS.indexOf(rung) === strongest);
      expect(atOnce || strongest <= reached + 1 || hadNothingBelow).toBe(true);
    });
  });
});

describe("planning", () => {
  it("is tried on plans that do something of every kind", () => {
    const seen = new Set<string>();
    const worlds = fc.sample(fc.tuple(World, Asked), { numRuns: 300, seed: 4 });
    for (const [world, asked] of worlds) {
      for (const { plan } of runs(clusterOf(world), { ...asked, objectsPerRun: 12 }, 3)) {
        for (const { action } of plan.steps) seen.add(action);
      }
    }
    expect([...seen].sort()).toEqual([
      "cap-hpa",
      "deny-all",
      "deny-growth",
      "freeze-quota",
      "hold-keda",
      "hold-keda-at-zero",
      "lower-hpa",
      "pause-keda-scale-out",
      "scale-to-floor",
      "scale-to-zero",
      "suspend-cron-job",
      "suspend-job",
    ]);
  });

  it("does not depend on the order of anything", () => {
    fc.assert(
      fc.property(World, Asked, fc.integer(), (world, asked, seed) => {
        const objects = clusterOf(world);
        const inventory = inventoryOf(objects);
        const shuffled = <Each>(list: readonly Each[]): Each[] =>
          list
            .map((each, index) => ({ each, key: Math.imul(index + 1, seed | 1) % 97 }))
            .sort((a, b) => a.key - b.key)
            .map(({ each }) => each);
        const mixed = {
          ...inventory,
          namespaces: shuffled(inventory.namespaces),
          workloads: shuffled(inventory.workloads),
          nodes: shuffled(inventory.nodes),
          nodePools: shuffled(inventory.nodePools),
          loosePods: shuffled(inventory.loosePods),
        };
        const input = inputFor(objects, asked);
        const plan = createPlan(input);
        const other = createPlan({ ...input, inventory: mixed, ...flatPrices(mixed), wants: shuffled(input.wants) });
        expect(other.hash).toBe(plan.hash);
        expect(other.leftOut).toEqual(plan.leftOut);
      }),
      { numRuns: 150 },
    );
  });

  it("comes to an end: carried out again and again, nothing is left to do", () => {
    fc.assert(
      fc.property(World, Asked, (world, asked) => {
        const last = runs(clusterOf(world), { ...asked, need: undefined }, 90).at(-1);
        expect(last?.plan.steps).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("needs a want", () => {
    const plan = createPlan({ ...planInput([]), wants: [], settings: enforcementSettings(), now: NOW });
    expect(plan.steps).toEqual([]);
  });
});
