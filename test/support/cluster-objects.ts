import type { KubeObject, ObjectMeta } from "../../shared/clusters/connections/types.ts";
import type { InventorySources } from "../../shared/clusters/inventory/build-inventory.ts";
import { listsOf } from "../../shared/clusters/inventory/kinds.ts";
import type { Json } from "../../shared/core/json.ts";

/** Kubernetes objects for tests: what is not said is as small as the API allows. */
interface Common {
  namespace?: string;
  name: string;
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  owner?: KubeObject;
  metadata?: Partial<ObjectMeta>;
}

type Spec = Readonly<Record<string, Json>>;

export function object(apiVersion: string, kind: string, common: Common, rest: Spec = {}): KubeObject {
  const { namespace, name, labels, annotations, owner } = common;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      uid: common.uid ?? `${kind}-${namespace ?? ""}-${name}`.toLowerCase(),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner)] }),
      ...common.metadata,
    },
    ...rest,
  };
}

export function ownerReference({ apiVersion, kind, metadata }: KubeObject) {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", controller: true };
}

export function namespace(name: string, common: Partial<Common> = {}): KubeObject {
  return object("v1", "Namespace", { name, ...common });
}

interface Asked {
  cpu?: string;
  memory?: string;
  gpu?: string;
  limits?: Record<string, string>;
  spec?: Spec;
}

/** A pod spec of one container `main`. */
export function podSpec({ cpu, memory, gpu, limits, spec }: Asked = {}): Spec {
  const requests = {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(gpu === undefined ? {} : { "nvidia.com/gpu": gpu }),
  };
  return {
    containers: [{ name: "main", resources: { requests, ...(limits === undefined ? {} : { limits }) } }],
    ...spec,
  };
}

export type WorkloadParts = Common &
  Asked & { replicas?: number | undefined; podLabels?: Record<string, string>; more?: Spec };

export function workload(apiVersion: string, kind: string, parts: WorkloadParts): KubeObject {
  const { replicas, podLabels = { app: parts.name }, more } = parts;
  const template = { metadata: { labels: podLabels }, spec: podSpec(parts) };
  return object(apiVersion, kind, parts, {
    spec: { ...(replicas === undefined ? {} : { replicas }), selector: { matchLabels: podLabels }, template, ...more },
  });
}

export function deployment(parts: WorkloadParts): KubeObject {
  return workload("apps/v1", "Deployment", { replicas: 1, ...parts });
}

export function replicaSet(owner: KubeObject): KubeObject {
  const { namespace = "", name } = owner.metadata;
  return object("apps/v1", "ReplicaSet", { namespace, name: `${name}-abc`, owner });
}

export type PodParts = Common & Asked & { node?: string; phase?: string; status?: Spec };

export function pod(parts: PodParts): KubeObject {
  const { node, phase = "Running", status } = parts;
  return object("v1", "Pod", parts, {
    spec: { ...podSpec(parts), ...(node === undefined ? {} : { nodeName: node }) },
    status: { phase, ...status },
  });
}

export type NodeParts = Common & {
  cpu?: string;
  memory?: string;
  gpu?: string;
  pods?: string;
  pool?: string;
  capacity?: Record<string, string>;
  spec?: Spec;
};

/** A node of 4 cores and 16 GiB, in the Karpenter pool `general` unless it says otherwise. */
export function node(parts: NodeParts): KubeObject {
  const { cpu = "4", memory = "16Gi", gpu, pods = "110", pool = "general", labels = {}, spec = {} } = parts;
  const capacity = { cpu, memory, pods, ...(gpu === undefined ? {} : { "nvidia.com/gpu": gpu }), ...parts.capacity };
  return object(
    "v1",
    "Node",
    { ...parts, labels: { ...(pool === "" ? {} : { "karpenter.sh/nodepool": pool }), ...labels } },
    { spec, status: { capacity, allocatable: capacity, conditions: [{ type: "Ready", status: "True" }] } },
  );
}

export function nodePool(name: string, disruption: Spec = {}, common: Partial<Common> = {}): KubeObject {
  return object("karpenter.sh/v1", "NodePool", { name, ...common }, { spec: { disruption } });
}

/** A deployment with its ReplicaSet and a pod per node that is named. */
export function deployed(parts: WorkloadParts & { nodes: readonly string[] }): KubeObject[] {
  const { nodes, uid, labels, annotations, owner, metadata, ...rest } = parts;
  const top = deployment({ ...parts, replicas: nodes.length });
  const set = replicaSet(top);
  const { namespace = "", name, podLabels = { app: name } } = parts;
  const pods = nodes.map((place, index) =>
    pod({ ...rest, namespace, name: `${name}-abc-${index}`, labels: podLabels, owner: set, node: place }),
  );
  return [top, set, ...pods];
}

/** What `buildInventory` takes, from any objects. */
export function sourcesOf(objects: readonly KubeObject[], more: Partial<InventorySources> = {}): InventorySources {
  return {
    cluster: "test",
    provider: "snapshot",
    version: "v1.36.3",
    readAt: "2026-11-22T12:00:00.000Z",
    features: { admissionPolicies: true, keda: true, karpenter: true, rollouts: true, metrics: true },
    lists: listsOf(objects),
    protectedNamespaces: [],
    problems: [],
    ...more,
  };
}
