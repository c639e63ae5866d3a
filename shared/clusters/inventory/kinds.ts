import type { KubeObject } from "../connections/types.ts";

interface ListedKind {
  apiVersion: string;
  kind: string;
  /** For people: `deployments`. */
  plural: string;
  /** A cluster need not serve it: then there is none. */
  optional?: true;
}

/** What an inventory is made of. */
export const LISTED = {
  namespaces: { apiVersion: "v1", kind: "Namespace", plural: "namespaces" },
  pods: { apiVersion: "v1", kind: "Pod", plural: "pods" },
  nodes: { apiVersion: "v1", kind: "Node", plural: "nodes" },
  deployments: { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments" },
  statefulSets: { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" },
  daemonSets: { apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets" },
  replicaSets: { apiVersion: "apps/v1", kind: "ReplicaSet", plural: "replicasets" },
  jobs: { apiVersion: "batch/v1", kind: "Job", plural: "jobs" },
  cronJobs: { apiVersion: "batch/v1", kind: "CronJob", plural: "cronjobs" },
  autoscalers: {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
  },
  disruptionBudgets: { apiVersion: "policy/v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets" },
  priorityClasses: { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", plural: "priorityclasses" },
  rollouts: { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", plural: "rollouts", optional: true },
  scaledObjects: { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", plural: "scaledobjects", optional: true },
  nodePools: { apiVersion: "karpenter.sh/v1", kind: "NodePool", plural: "nodepools", optional: true },
  podMetrics: { apiVersion: "metrics.k8s.io/v1beta1", kind: "PodMetrics", plural: "pod metrics", optional: true },
} as const satisfies Record<string, ListedKind>;

export type ListName = keyof typeof LISTED;
export type Lists = Readonly<Record<ListName, readonly KubeObject[]>>;

export const LIST_NAMES = Object.keys(LISTED) as ListName[];

/** Objects of any kinds (a file of `kubectl get … -o json`) as lists; what an inventory does not need is left out. */
export function listsOf(objects: readonly KubeObject[]): Lists {
  const lists = Object.fromEntries(LIST_NAMES.map((name) => [name, [] as KubeObject[]])) as Record<
    ListName,
    KubeObject[]
  >;
  const names = new Map(LIST_NAMES.map((name) => [keyOf(LISTED[name]), name]));
  for (const object of objects) {
    const name = names.get(keyOf(object));
    if (name !== undefined) lists[name].push(object);
  }
  return lists;
}

function keyOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${apiVersion} ${kind}`;
}
