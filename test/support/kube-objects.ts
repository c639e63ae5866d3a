import type { KubeObject, Tree } from "./kube-server/types.ts";

/*
 * Objects that any API server takes, the fake and the real one: complete specs, plain options.
 */

interface Common {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface PodOptions {
  /** Requests of the one container: `{ cpu: "500m", "nvidia.com/gpu": "1" }` (also set as limits where the API wants that). */
  requests?: Record<string, string>;
  nodeSelector?: Record<string, string>;
  tolerations?: Tree[];
  priorityClassName?: string;
  /** Labels of the pods besides `app`. */
  podLabels?: Record<string, string>;
}

export interface WorkloadOptions extends Common, PodOptions {
  replicas?: number;
}

function metadata({ name, namespace, labels, annotations }: Common, namespaced = true): KubeObject["metadata"] {
  return {
    name,
    ...(namespaced ? { namespace: namespace ?? "default" } : {}),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function podSpec({ requests = {}, nodeSelector, tolerations, priorityClassName }: PodOptions): Tree {
  // Extended resources cannot be overcommitted: their limit is their request.
  const extended = Object.fromEntries(Object.entries(requests).filter(([name]) => name.includes("/")));
  const limits = Object.keys(extended).length === 0 ? {} : { limits: extended };
  const resources = Object.keys(requests).length === 0 ? {} : { requests, ...limits };
  return {
    containers: [{ name: "main", image: "registry.example/app:1", resources }],
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
  };
}

function template(options: WorkloadOptions, more: Tree = {}): Tree {
  const labels = { app: options.name, ...options.podLabels };
  return { metadata: { labels }, spec: { ...podSpec(options), ...more } };
}

function selector({ name }: Common): Tree {
  return { matchLabels: { app: name } };
}

export function namespace(
  name: string,
  options: { labels?: Record<string, string>; annotations?: Record<string, string> } = {},
): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: metadata({ name, ...options }, false) };
}

export function deployment(options: WorkloadOptions): KubeObject {
  const { replicas = 1 } = options;
  const spec = { replicas, selector: selector(options), template: template(options) };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: metadata(options), spec };
}

export function statefulSet(options: WorkloadOptions): KubeObject {
  const { name, replicas = 1 } = options;
  const spec = { replicas, serviceName: name, selector: selector(options), template: template(options) };
  return { apiVersion: "apps/v1", kind: "StatefulSet", metadata: metadata(options), spec };
}

/** An Argo Rollout; on a real server its custom resource definition must be there. */
export function rollout(options: WorkloadOptions): KubeObject {
  const { replicas = 1 } = options;
  const strategy = { canary: { steps: [] } };
  const spec = { replicas, strategy, selector: selector(options), template: template(options) };
  return { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: metadata(options), spec };
}

export interface JobOptions extends Common, PodOptions {
  suspend?: boolean;
  parallelism?: number;
  completions?: number;
}

export function job(options: JobOptions): KubeObject {
  const { suspend, parallelism = 1, completions = parallelism } = options;
  const spec = {
    parallelism,
    completions,
    ...(suspend === undefined ? {} : { suspend }),
    template: template(options, { restartPolicy: "Never" }),
  };
  return { apiVersion: "batch/v1", kind: "Job", metadata: metadata(options), spec };
}

/** Its schedule is new year's midnight unless said: nothing starts during a test. */
export function cronJob(options: Common & PodOptions & { suspend?: boolean; schedule?: string }): KubeObject {
  const { suspend, schedule = "0 0 1 1 *" } = options;
  const jobTemplate = { spec: { template: template(options, { restartPolicy: "Never" }) } };
  const spec = { schedule, jobTemplate, ...(suspend === undefined ? {} : { suspend }) };
  return { apiVersion: "batch/v1", kind: "CronJob", metadata: metadata(options), spec };
}

/** Name of another object, and its kind where it is no Deployment. */
export type TargetName = string | { apiVersion?: string; kind?: string; name: string };

function targetRef(target: TargetName): Tree {
  const given = typeof target === "string" ? { name: target } : target;
  return { apiVersion: "apps/v1", kind: "Deployment", ...given };
}

export function hpa(options: Common & { target: TargetName; min?: number; max: number }): KubeObject {
  const { target, min, max } = options;
  const cpu = { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } };
  const spec = {
    scaleTargetRef: targetRef(target),
    ...(min === undefined ? {} : { minReplicas: min }),
    maxReplicas: max,
    metrics: [{ type: "Resource", resource: cpu }],
  };
  return { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: metadata(options), spec };
}

export function scaledObject(options: Common & { target: TargetName; min?: number; max?: number }): KubeObject {
  const { target, min, max } = options;
  const spec = {
    scaleTargetRef: targetRef(target),
    ...(min === undefined ? {} : { minReplicaCount: min }),
    ...(max === undefined ? {} : { maxReplicaCount: max }),
    triggers: [
      { type: "cron", metadata: { timezone: "UTC", start: "0 0 1 1 *", end: "1 0 1 1 *", desiredReplicas: "1" } },
    ],
  };
  return { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", metadata: metadata(options), spec };
}

export function nodePool(
  options: Omit<Common, "namespace"> & { limits?: Record<string, string>; replicas?: number; taints?: Tree[] },
): KubeObject {
  const { limits, replicas, taints } = options;
  const requirements = [{ key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] }];
  const nodeClassRef = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" };
  const spec = {
    template: { spec: { requirements, nodeClassRef, ...(taints === undefined ? {} : { taints }) } },
    disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "30s" },
    ...(limits === undefined ? {} : { limits }),
    ...(replicas === undefined ? {} : { replicas }),
  };
  return { apiVersion: "karpenter.sh/v1", kind: "NodePool", metadata: metadata(options, false), spec };
}

export interface NodeOptions extends Omit<Common, "namespace"> {
  cpu?: string;
  memory?: string;
  pods?: string;
  gpus?: number;
  instanceType?: string;
  region?: string;
  zone?: string;
  /** Karpenter's label. */
  nodePool?: string;
  taints?: Tree[];
  unschedulable?: boolean;
}

/** With its status: 8 cpu, 32 GiB and 110 pods unless said. */
export function node(options: NodeOptions): KubeObject {
  const { name, cpu = "8", memory = "32Gi", pods = "110", gpus = 0, instanceType = "m5.2xlarge" } = options;
  const { region = "us-west-2", zone = `${region}a`, nodePool: pool, taints, unschedulable } = options;
  const amounts = { cpu, memory, pods, ...(gpus === 0 ? {} : { "nvidia.com/gpu": String(gpus) }) };
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "node.kubernetes.io/instance-type": instanceType,
    "topology.kubernetes.io/region": region,
    "topology.kubernetes.io/zone": zone,
    ...(pool === undefined ? {} : { "karpenter.sh/nodepool": pool }),
    ...options.labels,
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: metadata({ ...options, labels }, false),
    spec: {
      providerID: `test:///${zone}/${name}`,
      ...(taints === undefined ? {} : { taints }),
      ...(unschedulable === undefined ? {} : { unschedulable }),
    },
    status: { capacity: amounts, allocatable: amounts, conditions: [readyCondition()] },
  };
}

function readyCondition(): Tree {
  const at = "2026-01-01T00:00:00Z";
  const message = "the kubelet reports";
  return {
    type: "Ready",
    status: "True",
    reason: "KubeletReady",
    message,
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  };
}

/** Over the pods of the workload of that name. */
export function pdb(
  options: Common & { app: string; minAvailable?: number | string; maxUnavailable?: number | string },
): KubeObject {
  const { app, minAvailable, maxUnavailable } = options;
  const spec = {
    selector: { matchLabels: { app } },
    ...(minAvailable === undefined ? {} : { minAvailable }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
  };
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: metadata(options), spec };
}

export function resourceQuota(options: Common & { hard: Record<string, string> }): KubeObject {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: metadata(options), spec: { hard: options.hard } };
}

export function configMap(options: Common & { data?: Record<string, string> }): KubeObject {
  const data = options.data === undefined ? {} : { data: options.data };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: metadata(options), ...data };
}
