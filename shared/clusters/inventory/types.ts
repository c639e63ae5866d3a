import type { KubeObject, ObjectRef } from "../connections/types.ts";

/** What a cluster holds, as read at one time. Plain data: everything after it is pure. */
export interface Inventory {
  /** Name in the configuration. */
  cluster: string;
  provider: ClusterProvider;
  region?: string;
  /** Uid of the namespace kube-system: the cluster's identity. */
  clusterUid: string;
  /** `v1.37.2` */
  version: string;
  readAt: string;
  features: ClusterFeatures;
  namespaces: readonly Namespace[];
  workloads: readonly Workload[];
  nodes: readonly ClusterNode[];
  nodePools: readonly NodePool[];
  /** Pods that belong to no workload above (bare pods, DaemonSets of others): they take part in costs only. */
  loosePods: readonly Pod[];
  /** What could not be read, in words; a plan says so. */
  problems: readonly string[];
}

export type ClusterProvider = "eks" | "aks" | "gke" | "kubeconfig" | "snapshot";

/** What the server serves, by discovery, never by its version. */
export interface ClusterFeatures {
  admissionPolicies: boolean;
  keda: boolean;
  karpenter: boolean;
  rollouts: boolean;
  metrics: boolean;
}

/** The strongest rung that a namespace (or pool) allows: label `genops.ai/enforce`. `none`: not opted in. */
export type OptIn = "none" | "freeze" | "throttle" | "block";

/** Governance labels (`genops.ai/team` …) of an object, filled up from its namespace. `unallocated` where neither says. */
export interface Governance {
  team: string;
  project: string;
  /** Unknown is handled as prod. */
  environment: string;
  cost_center: string;
}

export interface Namespace {
  name: string;
  uid: string;
  labels: Readonly<Record<string, string>>;
  optIn: OptIn;
  governance: Governance;
  /** `genops.ai/protected=true`, or a name of the protected list. */
  protected: boolean;
  /** `genops.ai/exempt-until`, as an instant; who set it is in the annotations. */
  exemptUntil?: string;
  terminating: boolean;
  object: KubeObject;
}

export type WorkloadKind = "Deployment" | "StatefulSet" | "Rollout" | "DaemonSet" | "Job" | "CronJob";
export type WorkloadClass = "batch" | "stateless" | "stateful";

export interface Workload {
  ref: ObjectRef;
  kind: WorkloadKind;
  class: WorkloadClass;
  governance: Governance;
  /** spec.replicas (1 where unset); for a Job parallelism; 0 for a suspended or a CronJob. */
  replicas: number;
  readyReplicas: number;
  /** Job, CronJob. */
  suspended: boolean;
  /** Who decides the replica count: its lever is pulled. */
  replicaOwner: ReplicaOwner;
  /** Git tool that owns `spec.replicas` (or the object), if any. */
  git?: GitOwner;
  /** A controller above it (operator, CronJob above a Job): its owner's lever is not ours to fight. */
  controller?: { apiVersion: string; kind: string; name: string; uid: string };
  disruptionBudgets: readonly DisruptionBudget[];
  priorityClass?: string;
  /** Uses GPUs. */
  gpu: boolean;
  /** Pods have a volume claim. */
  persistent: boolean;
  protected: boolean;
  exemptUntil?: string;
  /** Opt-ins for riskier kinds: the annotation `genops.ai/allow` lists `statefulset`, `job`. */
  allows: readonly string[];
  pods: readonly Pod[];
  /** What one replica asks for, from the pod template. */
  perReplica: Resources;
  object: KubeObject;
}

/**
 * Decimal text in base units: cores, bytes, devices. Devices are physical ones: a time slice, a MIG slice or a share by HAMi is the
 * part of a device that it is on its node (`gpu-shares.ts`).
 */
export interface Resources {
  cpu: string;
  memory: string;
  gpu: string;
}

export type ReplicaOwner =
  | { kind: "nobody" }
  | { kind: "hpa"; autoscaler: KubeObject }
  /** KEDA makes an HPA of its own; the ScaledObject is the lever. */
  | { kind: "keda"; scaledObject: KubeObject; autoscaler?: KubeObject }
  | { kind: "operator"; owner: { apiVersion: string; kind: string; name: string } };

export interface GitOwner {
  tool: "argocd" | "flux" | "helm";
  /** The application, Kustomization or release, where it can be told. */
  source?: string;
  /** Does it own the field that scaling changes? Helm and others that apply once do not fight back. */
  ownsReplicas: boolean;
  /** Flux: `kustomize.toolkit.fluxcd.io/reconcile: disabled` is set. */
  suspended: boolean;
}

export interface DisruptionBudget {
  name: string;
  /** Pods that must stay, out of the present replicas; 0 when it forbids nothing. */
  minAvailable: number;
  disruptionsAllowed: number;
}

export interface Pod {
  namespace: string;
  name: string;
  uid: string;
  node?: string;
  phase: string;
  ready: boolean;
  createdAt?: string;
  /** `controller.kubernetes.io/pod-deletion-cost`: a ReplicaSet that shrinks takes the cheap ones first. */
  deletionCost: number;
  /** Waits in ImagePullBackOff and the like: nothing is charged. */
  charged: boolean;
  /** What the scheduler keeps for it, init containers and overhead included. */
  requests: Resources;
  /** Mean use, where metrics are served. */
  usage?: Resources;
  /** What it costs: per container and resource the greater of request and use, then added. Zero for what is not charged. */
  consumes: Resources;
  /** What keeps a node autoscaler from moving it: local storage, no controller, `do-not-disrupt`, `safe-to-evict: "false"`. */
  immovable: boolean;
  /** One per node, placed by a DaemonSet or the kubelet: it goes with its node. */
  daemon: boolean;
  placement: Placement;
  governance: Governance;
}

/** What decides which nodes a pod may run on, as far as packing heeds it. Shared by the pods of one template. */
export interface Placement {
  /** The same text: the same rules. */
  key: string;
  nodeSelector: Readonly<Record<string, string>>;
  /** Required node affinity: one of the terms must hold, each with all of its expressions. Empty: no rule. */
  nodeTerms: readonly (readonly NodeExpression[])[];
  tolerations: readonly Toleration[];
  /** Has a volume claim: it stays in its zone. */
  zonal: boolean;
  /** Required anti-affinity per node or a host port: no two pods of its owner on one node. */
  onePerNode: boolean;
}

export interface NodeExpression {
  key: string;
  operator: string;
  values: readonly string[];
}

export interface Toleration {
  /** Absent: every key. */
  key?: string;
  operator: "Exists" | "Equal";
  value?: string;
  /** Absent: every effect. */
  effect?: string;
}

export interface ClusterNode {
  ref: ObjectRef;
  providerId?: string;
  pool?: string;
  instanceType?: string;
  region?: string;
  zone?: string;
  capacityType: "on-demand" | "spot" | "reserved";
  allocatable: Resources & { pods: number };
  capacity: Resources;
  labels: Readonly<Record<string, string>>;
  taints: readonly { key: string; value?: string; effect: string }[];
  unschedulable: boolean;
  ready: boolean;
  /** Marked as not to be removed by its autoscaler. */
  kept: boolean;
  object: KubeObject;
}

export interface NodePool {
  /** Karpenter: the NodePool object. Otherwise what node labels tell (EKS node group, AKS agent pool, GKE node pool). */
  name: string;
  kind: "karpenter" | "eks-nodegroup" | "aks-agentpool" | "gke-nodepool" | "unknown";
  spot: boolean;
  gpu: boolean;
  optIn: OptIn;
  governance: Governance;
  /** Does an autoscaler remove nodes that are not needed? `false` when nothing tells. */
  autoscaled: boolean;
  /**
   * Which nodes it removes. `empty`: without pods (Karpenter, WhenEmpty). `underutilized`: whose pods fit elsewhere (Karpenter).
   * `below-half`: requests below half of it, and its pods fit elsewhere (cluster-autoscaler and those of AKS and GKE).
   */
  removes: "none" | "empty" | "underutilized" | "below-half";
  minNodes: number;
  nodes: readonly string[];
  object?: KubeObject;
}
