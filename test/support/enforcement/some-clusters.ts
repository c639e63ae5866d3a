import fc from "fast-check";
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
} from "../kube-objects.ts";
import type { KubeObject } from "../kube-server/types.ts";

/** Where things are: names repeat in both. */
export const PLACES = ["ml", "web"] as const;
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

export const shapes = fc.record({
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
export type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

export interface Cluster {
  optIns: readonly (string | undefined)[];
  environments: readonly string[];
  shapes: readonly Shape[];
  pools: readonly { limits: boolean; optIn: boolean; nodes: number; taint: boolean }[];
}

export const clusters: fc.Arbitrary<Cluster> = fc.record({
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

export function objectsOf({ optIns, environments, shapes: all, pools }: Cluster): Made[] {
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
