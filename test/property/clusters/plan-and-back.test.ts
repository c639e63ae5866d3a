import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStoredHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../shared/clusters/enforcement/transaction/recover.ts";
import type { ClusterHolds, Plan, Want } from "../../../shared/clusters/enforcement/types.ts";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { withoutScaled } from "../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../support/enforcement/fake.ts";
import { AN_HOUR_MS, asked, lasting, planLive } from "../../support/enforcement/planned.ts";
import {
  cronJob,
  deployment,
  hpa,
  job,
  namespace,
  node,
  nodePool,
  pdb,
  rollout,
  scaledObject,
  statefulSet,
} from "../../support/kube-objects.ts";
import type { KubeObject } from "../../support/kube-server/types.ts";
import { deeds } from "../../support/plan-world.ts";

/** Where things are: names repeat in both. */
const PLACES = ["ml", "web"] as const;
const option = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
/** Once in six. */
const seldom = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: values });

const MARKS: Readonly<Record<string, KubeObject["metadata"]>> = {
  argocd: { name: "", annotations: { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:ml/a" } },
  flux: { name: "", labels: { "kustomize.toolkit.fluxcd.io/name": "shop" } },
  helm: {
    name: "",
    labels: { "app.kubernetes.io/managed-by": "Helm" },
    annotations: { "meta.helm.sh/release-name": "shop" },
  },
};
/** Who writes for whom: what these managers wrote is Git's. */
const WRITERS: Readonly<Record<string, string>> = {
  argocd: "argocd-controller",
  flux: "kustomize-controller",
  helm: "helm",
};

const shapes = fc.record({
  kind: fc.constantFrom("Deployment", "StatefulSet", "Rollout", "HPA", "ScaledObject", "CronJob", "Job", "Pod"),
  namespace: fc.constantFrom(...PLACES),
  name: fc.constantFrom("a", "b"),
  replicas: fc.integer({ min: 0, max: 6 }),
  low: option(fc.integer({ min: 1, max: 3 })),
  suspend: seldom(fc.boolean()),
  allow: option(fc.constantFrom("statefulset,job")),
  spared: seldom(fc.constantFrom("genops.ai/protected")),
  git: seldom(fc.constantFrom("argocd", "flux", "helm")),
  budget: seldom(fc.integer({ min: 0, max: 3 })),
  paused: seldom(fc.constantFrom("paused-scale-in", "paused-scale-out")),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

interface Cluster {
  optIns: readonly (string | undefined)[];
  environments: readonly string[];
  shapes: readonly Shape[];
  pools: readonly { limits: boolean; optIn: boolean; nodes: number; taint: boolean }[];
}

const clusters: fc.Arbitrary<Cluster> = fc.record({
  optIns: fc.tuple(
    fc.constantFrom("block", "throttle", "freeze"),
    option(fc.constantFrom("block", "throttle", "freeze")),
  ),
  environments: fc.tuple(fc.constantFrom("dev", "prod"), fc.constantFrom("staging", "prod")),
  shapes: fc.array(shapes, { minLength: 1, maxLength: 9 }),
  pools: fc.array(
    fc.record({
      limits: fc.boolean(),
      optIn: fc.boolean(),
      nodes: fc.integer({ min: 0, max: 3 }),
      taint: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
});

interface Made {
  object: KubeObject;
  as?: string;
}

function objectsOf({ optIns, environments, shapes: all, pools }: Cluster): Made[] {
  const spaces = PLACES.map((name, index) =>
    namespace(name, {
      labels: {
        "genops.ai/environment": environments[index] ?? "dev",
        ...(optIns[index] === undefined ? {} : { "genops.ai/enforce": optIns[index] }),
      },
    }),
  );
  const made = [...spaces, ...pools.flatMap(poolOf)].map((object): Made => ({ object }));
  const workloads = all.flatMap(workloadOf);
  const byName = new Map(
    workloads.map((each) => {
      const { kind, metadata } = each.object;
      return [`${kind} ${metadata.namespace}/${metadata.name}`, each] as const;
    }),
  );
  return [...made, ...byName.values()];
}

function poolOf({ limits, optIn, nodes, taint }: Cluster["pools"][number], index: number): KubeObject[] {
  const name = `pool-${index}`;
  const taints = taint ? { taints: [{ key: "team", value: "ml", effect: "NoSchedule" }] } : {};
  return [
    nodePool({
      name,
      ...(optIn ? { labels: { "genops.ai/enforce": "block" } } : {}),
      ...(limits ? { limits: { cpu: "100", "nvidia.com/gpu": "4" } } : {}),
    }),
    ...Array.from({ length: nodes }, (_, number) => node({ name: `${name}-${number}`, nodePool: name, ...taints })),
  ];
}

function workloadOf(shape: Shape): Made[] {
  const { kind, replicas, low, suspend } = shape;
  const mark = shape.git === undefined ? undefined : MARKS[shape.git];
  const as = shape.git === undefined ? {} : { as: WRITERS[shape.git] ?? "kubectl" };
  const common = {
    name: shape.name,
    namespace: shape.namespace,
    requests: { cpu: "100m", memory: "64Mi" },
    annotations: {
      "example.com/team": "ml",
      ...(shape.allow === undefined ? {} : { "genops.ai/allow": shape.allow }),
      ...(shape.spared === undefined ? {} : { [shape.spared]: "true" }),
      ...mark?.annotations,
    },
    ...(mark?.labels === undefined ? {} : { labels: mark.labels }),
  };
  const scale = { namespace: shape.namespace, name: shape.name, target: shape.name };
  const min = low === undefined ? {} : { min: low };
  const budget =
    shape.budget === undefined
      ? []
      : [pdb({ name: shape.name, namespace: shape.namespace, app: shape.name, minAvailable: shape.budget })];
  const beside = budget.map((object): Made => ({ object }));
  const suspending = suspend === undefined ? {} : { suspend };
  switch (kind) {
    case "Deployment":
      return [{ object: deployment({ ...common, replicas }), ...as }, ...beside];
    case "StatefulSet":
      return [{ object: statefulSet({ ...common, replicas }), ...as }, ...beside];
    case "Rollout":
      return [{ object: rollout({ ...common, replicas }), ...as }, ...beside];
    case "HPA":
      return [
        { object: deployment({ ...common, replicas }) },
        { object: hpa({ ...scale, ...min, max: 3 + replicas }), ...as },
        ...beside,
      ];
    case "ScaledObject": {
      const paused = shape.paused === undefined ? {} : { [`autoscaling.keda.sh/${shape.paused}`]: "true" };
      return [
        { object: deployment({ ...common, replicas }) },
        { object: scaledObject({ ...scale, ...min, max: 9, annotations: { ...paused, note: "keep" } }) },
      ];
    }
    case "CronJob":
      return [{ object: cronJob({ ...common, ...suspending }), ...as }];
    case "Job":
      return [{ object: job({ ...common, ...suspending, parallelism: 2 }) }];
    default:
      return [{ object: bare(shape) }];
  }
}

function bare({ namespace: place, name }: Shape): KubeObject {
  const resources = { requests: { cpu: "10m", memory: "16Mi" } };
  const spec = { containers: [{ name: "main", image: "registry.example/app:1", resources }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: `${name}-bare`, namespace: place }, spec };
}

async function inWorld(cluster: Cluster, test: (world: FakeWorld) => Promise<void>): Promise<void> {
  const world = await openFakeWorld();
  try {
    for (const { object, as } of objectsOf(cluster)) world.server.apply(object, as === undefined ? {} : { as });
    world.clock.advance(AN_HOUR_MS);
    await test(world);
  } finally {
    await world.close();
  }
}

/** What people made, as it is now; how many replicas an autoscaled workload has is its autoscaler's. */
const asMade = (world: FakeWorld) => withoutScaled(world.server.snapshot({ stripped: true }));
const held = (world: FakeWorld) => readStoredHolds(world.store, "fake");

async function carryOut(world: FakeWorld, plan: Plan): Promise<void> {
  const { steps } = await applyPlan(world.enforcer().deps, plan);
  for (const { action, subject, outcome, detail } of steps)
    expect(`${action} ${subject}: ${outcome} ${detail ?? ""}`).toBe(`${action} ${subject}: active `);
  expect(steps).toHaveLength(plan.steps.length);
}

async function giveBack(world: FakeWorld): Promise<void> {
  const { deps } = world.enforcer();
  await restore(deps, { kind: "all" }, "by hand");
  await recover(deps);
  const document: ClusterHolds | undefined = await held(world);
  expect({ holds: document?.holds ?? {}, own: document?.own ?? {} }).toEqual({ holds: {}, own: {} });
}

const throttle = lasting("throttle");
const block = lasting("block");
const wantsOf: Readonly<Record<string, readonly Want[]>> = {
  freeze: [lasting("freeze")],
  throttle: [throttle],
  block: [block],
  both: [throttle, block],
};

describe("what the planner plans of a live cluster, carried out and given back", () => {
  it("is the identity, object by object and field by field", async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.constantFrom("freeze", "throttle", "block", "both"), (cluster, which) =>
        inWorld(cluster, async (world) => {
          const before = asMade(world);
          const wants = wantsOf[which] ?? [];
          const { deps } = world.enforcer();
          const plan = await planLive(deps, wants);
          await carryOut(world, plan);
          if (plan.steps.length > 0) expect(asMade(world)).not.toEqual(before);

          // A second run adds what could only follow (a denial after its warning, taints after the pool's cap); a third has nothing to do.
          const second = await planLive(deps, wants);
          const repeated = deeds(second).filter((deed) => deeds(plan).includes(deed));
          expect(repeated.filter((deed) => !deed.startsWith("deny-growth "))).toEqual([]);
          await carryOut(world, second);
          expect(deeds(await planLive(deps, wants))).toEqual([]);

          await giveBack(world);
          expect(asMade(world)).toEqual(before);
        }),
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it("is the identity after every rung of the ladder, in parts, under two budgets", async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.boolean(), fc.boolean(), (cluster, isTwo, inParts) =>
        inWorld(cluster, async (world) => {
          const before = asMade(world);
          const { deps } = world.enforcer();
          const other = lasting("throttle", { policy: "budget/other/throttle", budget: "other" });
          const wants = [lasting("block", { atOnce: false }), ...(isTwo ? [other] : [])];
          const caps = inParts ? { namespaceShare: parseDecimal("0.25") } : {};
          for (let run = 0; run < 40; run++) {
            const plan = await planLive(deps, wants, { caps });
            if (plan.steps.length === 0) break;
            await carryOut(world, plan);
          }
          expect(deeds(await planLive(deps, wants, { caps }))).toEqual([]);
          await giveBack(world);
          expect(asMade(world)).toEqual(before);
        }),
      ),
      { numRuns: 20 },
    );
  }, 120_000);

  it("touches only the namespace that is meant, where the other has all the same names", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shapes, { minLength: 1, maxLength: 6 }), fc.boolean(), (some, isBlock) => {
        const twins = some.flatMap((shape) => PLACES.map((place): Shape => ({ ...shape, namespace: place })));
        const cluster = { optIns: ["block", "block"], environments: ["dev", "dev"], shapes: twins, pools: [] };
        return inWorld(cluster, async (world) => {
          const before = asMade(world);
          const of = (place: string) =>
            Object.entries(asMade(world)).filter(([key]) => key.split("/").at(-2) === place);
          const [ml, web] = [of("ml"), of("web")];
          const { deps } = world.enforcer();
          const rung = isBlock ? "block" : "throttle";
          const scoped = [lasting(rung, { scopes: [{ namespace: ["ml"] }] })];
          const plan = await planLive(deps, scoped);
          for (const step of plan.steps) expect(step.namespace).toBe("ml");
          await carryOut(world, plan);
          expect(of("web")).toEqual(web);
          if (plan.steps.some(({ write }) => write.kind === "fields")) expect(of("ml")).not.toEqual(ml);

          const other = await planLive(deps, [
            lasting(rung, { policy: "budget/other", scopes: [{ namespace: ["web"] }] }),
          ]);
          for (const step of other.steps) expect(step.namespace).toBe("web");
          await carryOut(world, other);
          await restore(deps, { kind: "policies", policies: [scoped[0]?.policy ?? ""] }, "by hand");
          expect(of("ml")).toEqual(ml);
          await giveBack(world);
          expect(asMade(world)).toEqual(before);
        });
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  it("is the identity for people's actions on nodes too, above what budgets hold", async () => {
    await fc.assert(
      fc.asyncProperty(
        clusters,
        fc.constantFrom("cordon-node", "no-execute"),
        fc.boolean(),
        (cluster, action, first) => {
          const pools = [{ limits: true, optIn: true, nodes: 3, taint: first }];
          return inWorld({ ...cluster, pools }, async (world) => {
            const before = asMade(world);
            const { deps } = world.enforcer();
            const human = asked(action, { node: "pool-0-0" });
            if (first) await carryOut(world, await planLive(deps, wantsOf["throttle"] ?? []));
            const plan = await planLive(deps, [], { humanActions: [human] });
            expect(deeds(plan)).toEqual([`${action} Node pool-0-0`]);
            await carryOut(world, plan);
            expect((await planLive(deps, [], { humanActions: [human] })).steps).toEqual([]);
            await carryOut(world, await planLive(deps, wantsOf["throttle"] ?? []));
            await giveBack(world);
            expect(withoutBare(asMade(world))).toEqual(withoutBare(before));
          });
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

/** A bare pod that was driven off its node does not come back. */
function withoutBare(snapshot: Readonly<Record<string, KubeObject>>): Readonly<Record<string, KubeObject>> {
  return Object.fromEntries(Object.entries(snapshot).filter(([, { kind }]) => kind !== "Pod"));
}
