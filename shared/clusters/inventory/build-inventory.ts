import type { AllocationConfig } from "../../config/types.ts";
import type { KubeObject } from "../connections/types.ts";
import { nodeGroupsOf } from "./autoscaler-status.ts";
import { createDisruptionBudgets } from "./disruption-budgets.ts";
import { valueAt } from "./fields.ts";
import { createGovernanceReader } from "./governance.ts";
import { LISTED, type ListName, type Lists } from "./kinds.ts";
import { readNamespaces } from "./namespaces.ts";
import { readNodePools } from "./node-pools.ts";
import { readNode } from "./nodes.ts";
import { createOwnerChain, uidOf } from "./owner-chain.ts";
import { createPodReader } from "./pods.ts";
import { createQuantityReader } from "./quantities.ts";
import { createReplicaOwners } from "./replica-owners.ts";
import type { Inventory, Namespace, Pod, Workload, WorkloadKind } from "./types.ts";
import { createWorkloadReader } from "./workloads.ts";

/** Everything an inventory is made of, as read. */
export interface InventorySources
  extends Pick<Inventory, "cluster" | "provider" | "region" | "version" | "readAt" | "features"> {
  lists: Lists;
  /** The ConfigMap in which cluster-autoscaler says what it does. */
  autoscalerStatus?: KubeObject;
  protectedNamespaces: readonly string[];
  /** Which labels say team, project, environment and cost center. Default: `genops.ai/…` and the bare words. */
  allocation?: AllocationConfig;
  problems: readonly string[];
}

const WORKLOADS = {
  deployments: "Deployment",
  statefulSets: "StatefulSet",
  rollouts: "Rollout",
  daemonSets: "DaemonSet",
  jobs: "Job",
  cronJobs: "CronJob",
} as const satisfies Partial<Record<ListName, WorkloadKind>>;
const WORKLOAD_LISTS = Object.keys(WORKLOADS) as (keyof typeof WORKLOADS)[];

/** Lists of objects → inventory. Pure, and linear in the number of objects. */
export function buildInventory(sources: InventorySources): Inventory {
  const { lists, cluster } = sources;
  const problems = [...sources.problems];
  const quantities = createQuantityReader();
  const governance = createGovernanceReader(sources.allocation);
  const { protectedNamespaces } = sources;
  const namespaces = readNamespaces(lists.namespaces, { protectedNamespaces, governance, problems });
  const namespaceByName = new Map(namespaces.map((namespace) => [namespace.name, namespace]));
  const read = lists.nodes.map((node) => readNode(node, cluster, quantities));
  const nodes = read.map(({ node }) => node);
  const disruptionBudgets = createDisruptionBudgets(lists.disruptionBudgets);
  const podOf = createPodReader({
    quantities,
    governance,
    nodes: new Map(nodes.map((node) => [node.ref.name, node])),
    gpus: new Map(read.map(({ node, gpus }) => [node.ref.name, gpus])),
    metrics: new Map(lists.podMetrics.map((object) => [placeOf(object), object])),
    namespaceLabels: (name) => namespaceByName.get(name)?.labels ?? {},
  });
  const { byWorkload, loose } = sortPods(lists, (pod) =>
    podOf(pod, disruptionBudgets.forbids(pod.metadata.namespace ?? "", pod.metadata.labels ?? {})),
  );
  const replicaOwners = createReplicaOwners(lists);
  const workloadOf = createWorkloadReader({
    cluster,
    quantities,
    governance,
    namespaces: namespaceByName,
    protectedNamespaces,
    replicaOwners,
    disruptionBudgets,
    defaultPriorityClass: defaultPriorityClass(lists.priorityClasses),
    pods: byWorkload,
    problems,
  });
  const workloads = WORKLOAD_LISTS.flatMap((list): Workload[] => {
    const target = { apiVersion: LISTED[list].apiVersion, kind: WORKLOADS[list] };
    return lists[list].map((object) => workloadOf(object, target));
  });
  const groups = nodeGroupsOf(sources.autoscalerStatus, sources.readAt);
  return {
    ...identityOf(sources, namespaces),
    namespaces,
    workloads,
    nodes,
    nodePools: readNodePools({ nodes, nodePools: lists.nodePools, groups: groups.groups, governance }),
    loosePods: loose,
    problems: [...problems, ...replicaOwners.problems, ...(groups.problem === undefined ? [] : [groups.problem])],
  };
}

function identityOf(sources: InventorySources, namespaces: readonly Namespace[]) {
  const { cluster, provider, version, readAt, features, lists } = sources;
  const region = sources.region ?? lists.nodes[0]?.metadata.labels?.["topology.kubernetes.io/region"];
  return {
    cluster,
    provider,
    ...(region === undefined ? {} : { region }),
    clusterUid: namespaces.find(({ name }) => name === "kube-system")?.uid ?? "",
    version,
    readAt,
    features,
  };
}

/** Each pod with the workload that its chain of controllers ends in. */
function sortPods(lists: Lists, podOf: (pod: KubeObject) => Pod): { byWorkload: Map<string, Pod[]>; loose: Pod[] } {
  const workloads = new Set(WORKLOAD_LISTS.flatMap((list) => lists[list].map(uidOf)));
  const chain = createOwnerChain(workloads, lists.replicaSets);
  const byWorkload = new Map<string, Pod[]>();
  const loose: Pod[] = [];
  for (const object of lists.pods) {
    const uid = chain.workloadOf(object);
    const own = uid === undefined || !workloads.has(uid) ? loose : (byWorkload.get(uid) ?? []);
    own.push(podOf(object));
    if (uid !== undefined && own !== loose) byWorkload.set(uid, own);
  }
  return { byWorkload, loose };
}

function placeOf({ metadata: { namespace = "", name } }: KubeObject): string {
  return `${namespace}/${name}`;
}

function defaultPriorityClass(classes: readonly KubeObject[]): string | undefined {
  return classes.find((each) => valueAt(each, "globalDefault") === true)?.metadata.name;
}
