import { createHash } from "node:crypto";

/*
 * The sample cluster: an EKS cluster of Northwind Robotics as `kubectl get … -o json` would give it, generated and fictional. Deployments,
 * their ReplicaSets and pods, two Karpenter pools, and every kind of owner of a replica count.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;

const CREATED = "2024-03-04T08:00:00Z";
const ZONES = ["us-west-2a", "us-west-2b"];

interface Team {
  team: string;
  project: string;
  environment: string;
}

interface Size {
  cpu: string;
  memory: string;
  gpu?: number;
}

/** A workload with pods. `on` are the nodes that its pods run on, in turn. */
interface Running {
  kind: "Deployment" | "StatefulSet";
  namespace: string;
  name: string;
  replicas: number;
  size: Size;
  on: readonly string[];
  labels?: Fields;
  annotations?: Fields;
}

const NAMESPACES: readonly (Team & { name: string; enforce?: string })[] = [
  { name: "planner", team: "ai-research", project: "planner", environment: "dev", enforce: "block" },
  { name: "perception", team: "ai-research", project: "perception", environment: "prod", enforce: "throttle" },
  { name: "fleet", team: "product-engineering", project: "fleet", environment: "prod" },
];

const GENERAL = Array.from({ length: 6 }, (_, index) => `ip-10-0-1-${index + 11}`);
const GPU = Array.from({ length: 3 }, (_, index) => `ip-10-0-2-${index + 11}`);

const WORKLOADS: readonly Running[] = [
  on("planner", "simulator", 8, { cpu: "1500m", memory: "3Gi" }, GENERAL.slice(0, 3)),
  on("planner", "notebooks", 2, { cpu: "3", memory: "12Gi", gpu: 1 }, GPU.slice(0, 2)),
  on("planner", "scenario-api", 4, { cpu: "500m", memory: "1Gi" }, GENERAL.slice(2, 4)),
  on("planner", "replay-workers", 3, { cpu: "1", memory: "2Gi" }, GENERAL.slice(3, 5)),
  {
    ...on("planner", "docs", 2, { cpu: "250m", memory: "256Mi" }, GENERAL.slice(4, 5)),
    annotations: { "argocd.argoproj.io/tracking-id": "planner:apps/Deployment:planner/docs" },
  },
  on("perception", "inference", 4, { cpu: "1", memory: "2Gi" }, GENERAL.slice(3, 6)),
  { ...on("perception", "feature-store", 3, { cpu: "500m", memory: "4Gi" }, GENERAL.slice(3, 6)), kind: "StatefulSet" },
  on("fleet", "router", 3, { cpu: "1", memory: "2Gi" }, GENERAL.slice(3, 6)),
];

function on(namespace: string, name: string, replicas: number, size: Size, nodes: readonly string[]): Running {
  return { kind: "Deployment", namespace, name, replicas, size, on: nodes };
}

/** The whole cluster, as a Kubernetes List. The same on every call. */
export function sampleCluster(): Fields {
  const items = [
    namespace("kube-system", {}),
    ...NAMESPACES.map(({ name, enforce, team, project, environment }) =>
      namespace(name, {
        "genops.ai/team": team,
        "genops.ai/project": project,
        "genops.ai/environment": environment,
        ...(enforce === undefined ? {} : { "genops.ai/enforce": enforce }),
      }),
    ),
    nodePool("general", {}),
    nodePool("gpu", { "genops.ai/enforce": "freeze", "genops.ai/team": "ai-research", "genops.ai/environment": "dev" }),
    ...GENERAL.map((name, index) => node(name, "general", index, { type: "c6i.2xlarge", cpu: "8", memory: "16Gi" })),
    ...GPU.map((name, index) => node(name, "gpu", index, { type: "g5.2xlarge", cpu: "8", memory: "32Gi", gpu: 1 })),
    ...WORKLOADS.flatMap(running),
    autoscaler("planner", "scenario-api", { min: 2, max: 12, now: 4 }),
    autoscaler("perception", "inference", { min: 3, max: 12, now: 4 }),
    scaledObject("planner", "replay-workers"),
    cronJob("planner", "nightly-regression"),
    ...trainingJob("planner", "policy-training", GPU[2] ?? ""),
    disruptionBudget("perception", "feature-store", 2),
  ];
  return { apiVersion: "v1", kind: "List", items };
}

function meta(
  kind: string,
  name: string,
  rest: { namespace?: string; labels?: Fields; annotations?: Fields } = {},
): Fields {
  const where = rest.namespace === undefined ? "" : `${rest.namespace}/`;
  return { name, ...rest, uid: uidOf(`${kind} ${where}${name}`), resourceVersion: "1000", creationTimestamp: CREATED };
}

/** Looks like a uid, and is the same on every run. */
function uidOf(text: string): string {
  const digits = createHash("sha256").update(text).digest("hex");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join("-");
}

function namespace(name: string, labels: Fields): Fields {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: meta("Namespace", name, { labels: { "kubernetes.io/metadata.name": name, ...labels } }),
    spec: {},
    status: { phase: "Active" },
  };
}

function nodePool(name: string, labels: Fields): Fields {
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: meta("NodePool", name, { labels }),
    spec: {
      disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "5m" },
      limits: { cpu: "400", memory: "1600Gi" },
      template: {
        spec: { requirements: [], nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name } },
      },
    },
    status:
      name === "gpu" ? { resources: { cpu: "24", memory: "96Gi" } } : { resources: { cpu: "48", memory: "96Gi" } },
  };
}

function node(name: string, pool: string, index: number, { type, cpu, memory, gpu }: Size & { type: string }): Fields {
  const zone = ZONES[index % ZONES.length] ?? "";
  const has = { cpu, memory, pods: "58", ...(gpu === undefined ? {} : { "nvidia.com/gpu": String(gpu) }) };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: meta("Node", name, {
      labels: {
        "karpenter.sh/nodepool": pool,
        "karpenter.sh/capacity-type": "on-demand",
        "node.kubernetes.io/instance-type": type,
        "topology.kubernetes.io/region": "us-west-2",
        "topology.kubernetes.io/zone": zone,
      },
    }),
    spec: {
      ...(gpu === undefined ? {} : { taints: [{ key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" }] }),
      providerID: `aws:///${zone}/i-${uidOf(name).replaceAll("-", "").slice(0, 17)}`,
    },
    status: { capacity: has, allocatable: has, conditions: [{ type: "Ready", status: "True" }] },
  };
}

function podSpec({ cpu, memory, gpu }: Size, nodeName?: string): Fields {
  const asked = { cpu, memory, ...(gpu === undefined ? {} : { "nvidia.com/gpu": String(gpu) }) };
  const limits = gpu === undefined ? {} : { limits: { "nvidia.com/gpu": String(gpu) } };
  return {
    containers: [
      { name: "main", image: "registry.example.com/northwind/app:1", resources: { requests: asked, ...limits } },
    ],
    ...(gpu === undefined
      ? {}
      : { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }] }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

function owner(apiVersion: string, kind: string, namespaced: string, name: string): Json {
  return [{ apiVersion, kind, name, uid: uidOf(`${kind} ${namespaced}/${name}`), controller: true }];
}

function running({ kind, namespace: inside, name, replicas, size, on: nodes, ...more }: Running): Fields[] {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: podSpec(size) };
  const scaled = { replicas, selector: { matchLabels: labels }, template };
  const status = { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 };
  const object: Fields = {
    apiVersion: "apps/v1",
    kind,
    metadata: {
      ...meta(kind, name, { namespace: inside, ...more }),
      generation: 1,
      managedFields: managersOf(more.annotations),
    },
    spec: kind === "Deployment" ? scaled : { ...scaled, serviceName: name },
    status,
  };
  const above = kind === "Deployment" ? `${name}-5f7c9d` : name;
  const replicaSet: Fields = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      ...meta("ReplicaSet", above, { namespace: inside, labels }),
      ownerReferences: owner("apps/v1", "Deployment", inside, name),
    },
    spec: scaled,
    status,
  };
  const ownerKind = kind === "Deployment" ? "ReplicaSet" : kind;
  const pods = Array.from({ length: replicas }, (_, index) =>
    pod({ namespace: inside, name: `${above}-${index}`, size, node: nodes[index % nodes.length] ?? "" }, labels, [
      ownerKind,
      above,
    ]),
  );
  return kind === "Deployment" ? [object, replicaSet, ...pods] : [object, ...pods];
}

/** Argo CD applies what Git says, the replica count among it. */
function managersOf(annotations: Fields | undefined): Json {
  if (annotations?.["argocd.argoproj.io/tracking-id"] === undefined) return [];
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  return [
    {
      manager: "argocd-controller",
      operation: "Apply",
      apiVersion: "apps/v1",
      time: CREATED,
      fieldsType: "FieldsV1",
      fieldsV1,
    },
  ];
}

function pod(
  { namespace: inside, name, size, node: nodeName }: { namespace: string; name: string; size: Size; node: string },
  labels: Fields,
  [ownerKind, ownerName]: readonly [string, string],
): Fields {
  const group = ownerKind === "Job" ? "batch/v1" : "apps/v1";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...meta("Pod", name, { namespace: inside, labels }),
      ownerReferences: owner(group, ownerKind, inside, ownerName),
    },
    spec: podSpec(size, nodeName),
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

function autoscaler(
  inside: string,
  name: string,
  { min, max, now }: { min: number; max: number; now: number },
): Fields {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: meta("HorizontalPodAutoscaler", name, { namespace: inside }),
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas: min, maxReplicas: max },
    status: { currentReplicas: now, desiredReplicas: now },
  };
}

function scaledObject(inside: string, name: string): Fields {
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: meta("ScaledObject", name, { namespace: inside }),
    spec: { scaleTargetRef: { name }, minReplicaCount: 1, maxReplicaCount: 20, triggers: [{ type: "aws-sqs-queue" }] },
    status: {
      hpaName: `keda-hpa-${name}`,
      conditions: [
        { type: "Ready", status: "True" },
        { type: "Paused", status: "False" },
      ],
    },
  };
}

function cronJob(inside: string, name: string): Fields {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: meta("CronJob", name, { namespace: inside }),
    spec: {
      schedule: "0 2 * * *",
      jobTemplate: {
        spec: { template: { spec: { ...podSpec({ cpu: "4", memory: "8Gi" }), restartPolicy: "Never" } } },
      },
    },
    status: {},
  };
}

function trainingJob(inside: string, name: string, nodeName: string): Fields[] {
  const size = { cpu: "6", memory: "24Gi", gpu: 1 };
  return [
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: meta("Job", name, { namespace: inside, annotations: { "genops.ai/allow": "job" } }),
      spec: { parallelism: 1, completions: 1, template: { spec: { ...podSpec(size), restartPolicy: "Never" } } },
      status: { active: 1 },
    },
    pod({ namespace: inside, name: `${name}-x7k2p`, size, node: nodeName }, { "job-name": name }, ["Job", name]),
  ];
}

function disruptionBudget(inside: string, name: string, minAvailable: number): Fields {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: meta("PodDisruptionBudget", name, { namespace: inside }),
    spec: { minAvailable, selector: { matchLabels: { app: name } } },
    status: { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: minAvailable, expectedPods: 3 },
  };
}
