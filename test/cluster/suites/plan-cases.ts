import type { HumanAction } from "../../../shared/clusters/enforcement/plan/types.ts";
import type { ClusterAction } from "../../../shared/clusters/enforcement/types.ts";
import { asked } from "../../support/enforcement/planned.ts";
import {
  cronJob,
  deployment,
  hpa,
  job,
  node,
  nodePool,
  rollout,
  scaledObject,
  statefulSet,
} from "../../support/kube-objects.ts";
import type { KubeObject as AnyObject } from "../../support/kube-server/types.ts";
import type { EnforcementLab } from "./enforcement-lab.ts";

export type Rung = "freeze" | "throttle" | "block";

export interface Case {
  action: ClusterAction;
  /** Of what the action changes, where more than one kind can be. */
  kind?: string;
  rung?: Rung;
  /** Everything that is there; what the action changes is compared. */
  objects(lab: EnforcementLab): readonly AnyObject[];
  human?(lab: EnforcementLab, objects: readonly AnyObject[]): HumanAction;
  /** Comes only after a run that did this. */
  after?: ClusterAction;
}

const SMALL = { requests: { cpu: "10m", memory: "16Mi" } };
const common = ({ lab }: EnforcementLab, name = "subject") => ({
  ...SMALL,
  namespace: lab.namespace,
  name,
  annotations: { "example.com/owner": "shop" },
});
const allowing = (each: AnyObject, what: string): AnyObject => ({
  ...each,
  metadata: { ...each.metadata, annotations: { ...each.metadata.annotations, "genops.ai/allow": what } },
});
export const web = (lab: EnforcementLab, replicas = 3) => deployment({ ...common(lab), replicas });
const scaled = (lab: EnforcementLab) => [web(lab), scaledObject({ ...common(lab), target: "subject", min: 2, max: 6 })];
const autoscaled = (lab: EnforcementLab) => [web(lab), hpa({ ...common(lab), target: "subject", min: 2, max: 6 })];
const bare = (lab: EnforcementLab): AnyObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace: lab.lab.namespace, name: "bare" },
  spec: { containers: [{ name: "main", image: "registry.example/app:1", resources: SMALL }] },
});
const pool = ({ lab }: EnforcementLab): readonly AnyObject[] => {
  const name = lab.unique("pool");
  const labels = { "genops.ai/enforce": "freeze", "genops.ai/team": lab.namespace };
  return [
    nodePool({ name, labels, limits: { cpu: "100", memory: "1Ti" } }),
    node({ name: `${name}-0`, nodePool: name }),
    node({ name: `${name}-1`, nodePool: name }),
  ];
};
const onNode = (action: "cordon-node" | "no-execute") => ({
  action,
  objects: pool,
  human: (_lab: EnforcementLab, objects: readonly AnyObject[]) =>
    asked(action, { node: objects.find(({ kind }) => kind === "Node")?.metadata.name ?? "" }),
});

/** Every row of the decision table, as the planner comes to it. */
export const CASES: readonly Case[] = [
  { action: "deny-growth", rung: "freeze", objects: (lab) => [web(lab)] },
  { action: "freeze-quota", rung: "freeze", objects: (lab) => [bare(lab)] },
  { action: "cap-hpa", rung: "freeze", objects: autoscaled },
  { action: "pause-keda-scale-out", rung: "freeze", objects: scaled },
  { action: "suspend-cron-job", rung: "freeze", objects: (lab) => [cronJob(common(lab))] },
  { action: "cap-node-pool", rung: "freeze", objects: pool },
  { action: "taint-nodes", rung: "freeze", objects: pool, after: "cap-node-pool" },
  { action: "lower-hpa", rung: "throttle", objects: autoscaled },
  { action: "scale-to-floor", kind: "Deployment", rung: "throttle", objects: (lab) => [web(lab)] },
  {
    action: "scale-to-floor",
    kind: "StatefulSet",
    rung: "throttle",
    objects: (lab) => [allowing(statefulSet({ ...common(lab), replicas: 2 }), "statefulset")],
  },
  {
    action: "scale-to-floor",
    kind: "Rollout",
    rung: "throttle",
    objects: (lab) => [rollout({ ...common(lab), replicas: 2 })],
  },
  { action: "hold-keda", rung: "throttle", objects: scaled },
  {
    action: "suspend-job",
    rung: "throttle",
    objects: (lab) => [allowing(job({ ...common(lab), parallelism: 1, completions: 50 }), "job")],
  },
  { action: "scale-to-zero", rung: "block", objects: (lab) => [web(lab)] },
  { action: "hold-keda-at-zero", rung: "block", objects: scaled },
  { action: "deny-all", rung: "block", objects: (lab) => [bare(lab)] },
  onNode("cordon-node"),
  onNode("no-execute"),
];
