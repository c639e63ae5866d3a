import fc from "fast-check";
import type { KubeObject } from "../../../shared/clusters/connections/types.ts";
import type { Step, Write } from "../../../shared/clusters/enforcement/types.ts";
import { cronJob, deployment, hpa, job, node, nodePool, rollout, scaledObject, statefulSet } from "../kube-objects.ts";
import type { KubeServer } from "../kube-server/start.ts";
import type { KubeObject as AnyObject } from "../kube-server/types.ts";
import { changes, FIELD_ACTIONS, fieldStep, stepOf } from "./plans.ts";

/** A cluster as people made it: the same names in several namespaces, fields that are set and fields that are not. */
export const someObjects: fc.Arbitrary<readonly AnyObject[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        "Deployment",
        "StatefulSet",
        "Rollout",
        "HPA",
        "ScaledObject",
        "CronJob",
        "Job",
        "NodePool",
        "Node",
      ),
      namespace: fc.constantFrom("ml", "web"),
      name: fc.constantFrom("a", "b"),
      replicas: fc.integer({ min: 0, max: 6 }),
      low: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      flag: fc.option(fc.boolean(), { nil: undefined }),
      annotated: fc.boolean(),
      paused: fc.option(fc.constantFrom("true", "false"), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((shapes) => {
    const objects = shapes.flatMap(toObjects);
    return [
      ...new Map(
        objects.map((each) => [`${each.kind}/${each.metadata.namespace}/${each.metadata.name}`, each]),
      ).values(),
    ];
  });

interface Shape {
  kind: string;
  namespace: string;
  name: string;
  replicas: number;
  low: number | undefined;
  flag: boolean | undefined;
  annotated: boolean;
  paused: string | undefined;
}

function toObjects(shape: Shape): AnyObject[] {
  const { kind, namespace, name, replicas, low, flag } = shape;
  const annotations = shape.annotated ? { annotations: { "example.com/team": "ml", note: "keep" } } : {};
  const common = { name: `${kind.toLowerCase()}-${name}`, namespace, ...annotations };
  const suspend = flag === undefined ? {} : { suspend: flag };
  const min = low === undefined ? {} : { min: low };
  switch (kind) {
    case "Deployment":
      return [deployment({ ...common, replicas })];
    case "StatefulSet":
      return [statefulSet({ ...common, replicas })];
    case "Rollout":
      return [rollout({ ...common, replicas })];
    case "HPA":
      return [
        deployment({ ...common, replicas: 3 }),
        hpa({ ...common, target: common.name, ...min, max: 4 + replicas }),
      ];
    case "ScaledObject":
      return [
        deployment({ ...common, replicas: 2 }),
        scaledObject({ ...common, annotations: pausing(shape), target: common.name, min: low ?? 1, max: 9 }),
      ];
    case "CronJob":
      return [cronJob({ ...common, ...suspend })];
    case "Job":
      return [job({ ...common, ...suspend, parallelism: 2 })];
    case "NodePool":
      return [nodePool({ ...common, ...(low === undefined ? {} : { limits: { cpu: `${low}00`, memory: "1Ti" } }) })];
    default:
      return [
        node({
          name: `node-${name}`,
          ...(flag === true ? { taints: [{ key: "team", value: "ml", effect: "NoSchedule" }] } : {}),
        }),
      ];
  }
}

function pausing({ annotated, paused }: Shape): Record<string, string> {
  return {
    ...(annotated ? { "example.com/team": "ml" } : {}),
    ...(paused === undefined ? {} : { "autoscaling.keda.sh/paused-scale-in": paused }),
  };
}

/** Workloads that an HPA or a ScaledObject aims at. */
function autoscaledIn(objects: readonly AnyObject[]): ReadonlySet<string> {
  return new Set(
    objects
      .filter(({ kind }) => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject")
      .map(({ metadata, spec }) => {
        const { kind, name } = { ...spec }["scaleTargetRef"] as { kind: string; name: string };
        return `${kind} ${metadata.namespace}/${name}`;
      }),
  );
}

function isIn(set: ReadonlySet<string>, { kind, metadata }: AnyObject): boolean {
  return set.has(`${kind} ${metadata.namespace}/${metadata.name}`);
}

/** A snapshot without the replica counts that autoscalers decide. */
export function withoutScaled(snapshot: Readonly<Record<string, AnyObject>>): Readonly<Record<string, AnyObject>> {
  const scaled = autoscaledIn(Object.values(snapshot));
  const entries = Object.entries(snapshot).map(([key, object]) => {
    if (!isIn(scaled, object)) return [key, object] as const;
    const { replicas: _, ...spec } = object.spec ?? {};
    return [key, { ...object, spec }] as const;
  });
  return Object.fromEntries(entries);
}

/** Every object of the decision table's kinds that nobody's controller made, as the server has it. */
export function levers(server: KubeServer): readonly KubeObject[] {
  const kinds = [...new Set(FIELD_ACTIONS.map(({ kind }) => kind))];
  const objects = Object.values(server.snapshot({ kinds }));
  const scaled = autoscaledIn(objects);
  return objects
    .filter((each) => each.metadata.ownerReferences === undefined && !isIn(scaled, each))
    .map((each) => JSON.parse(JSON.stringify(each)) as KubeObject);
}

/** Steps of all actions that would change something of these objects; `pick` says which. */
export function stepsFor(cluster: string, objects: readonly KubeObject[], pick: (index: number) => boolean): Step[] {
  const possible = objects.flatMap((live) =>
    FIELD_ACTIONS.filter(({ kind, fields }) => kind === live.kind && changes(live, fields)).map((each) => ({
      live,
      each,
    })),
  );
  const chosen = possible.filter((_each, index) => pick(index));
  const first = new Map(chosen.toReversed().map((one) => [one.live.metadata.uid, one]));
  return [...first.values()]
    .toReversed()
    .map(({ live, each: { action, rung, fields } }) => fieldStep(cluster, live, fields, { action, rung }));
}

/** A step with two objects of ours. */
export function ownStep(cluster: string, namespace: string): Step {
  const objects: Extract<Write, { kind: "objects" }>["objects"] = [
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "genops-budget-gpu", namespace },
      spec: { hard: { "requests.nvidia.com/gpu": "8" } },
    },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "genops-budget", namespace },
      spec: { hard: { "count/jobs.batch": "3" } },
    },
  ];
  return stepOf(
    cluster,
    `ResourceQuota ${namespace}/genops-budget`,
    { kind: "objects", objects },
    { action: "freeze-quota", rung: "freeze" },
  );
}
