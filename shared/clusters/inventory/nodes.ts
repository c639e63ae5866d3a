import { min, multiplyDivide, ZERO } from "../../core/decimal.ts";
import type { KubeObject } from "../connections/types.ts";
import { listAt, textAt, textsAt, valueAt } from "./fields.ts";
import { devicesOf, gpusOfNode, type NodeGpus } from "./gpu-shares.ts";
import { uidOf } from "./owner-chain.ts";
import type { QuantityReader } from "./quantities.ts";
import type { ClusterNode, NodePool, Resources } from "./types.ts";

const POOL_LABELS = [
  { label: "karpenter.sh/nodepool", kind: "karpenter" },
  { label: "eks.amazonaws.com/nodegroup", kind: "eks-nodegroup" },
  { label: "kubernetes.azure.com/agentpool", kind: "aks-agentpool" },
  { label: "cloud.google.com/gke-nodepool", kind: "gke-nodepool" },
  { label: "alpha.eksctl.io/nodegroup-name", kind: "eks-nodegroup" },
  { label: "kops.k8s.io/instancegroup", kind: "unknown" },
] as const satisfies readonly { label: string; kind: NodePool["kind"] }[];

const SPOT_MARKS = [
  ["karpenter.sh/capacity-type", "spot"],
  ["eks.amazonaws.com/capacityType", "SPOT"],
  ["kubernetes.azure.com/scalesetpriority", "spot"],
  ["cloud.google.com/gke-spot", "true"],
  ["cloud.google.com/gke-preemptible", "true"],
  ["cloud.google.com/gke-provisioning", "spot"],
] as const;

const RESERVED_MARKS = [
  ["karpenter.sh/capacity-type", "reserved"],
  ["eks.amazonaws.com/capacityType", "CAPACITY_BLOCK"],
] as const;

/** Which pool a node is of, by the labels that clouds and Karpenter give. */
export function poolOf(labels: Readonly<Record<string, string>>): { name: string; kind: NodePool["kind"] } | undefined {
  for (const { label, kind } of POOL_LABELS) {
    const name = labels[label];
    if (name !== undefined && name !== "") return { name, kind };
  }
  return undefined;
}

export function readNode(
  node: KubeObject,
  cluster: string,
  quantities: QuantityReader,
): { node: ClusterNode; gpus: NodeGpus } {
  const labels = node.metadata.labels ?? {};
  const gpus = gpusOfNode(node, quantities);
  const optional = {
    providerId: textAt(node, "spec", "providerID"),
    pool: poolOf(labels)?.name,
    instanceType: labels["node.kubernetes.io/instance-type"] ?? labels["beta.kubernetes.io/instance-type"],
    region: labels["topology.kubernetes.io/region"] ?? labels["failure-domain.beta.kubernetes.io/region"],
    zone: labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"],
  };
  const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return {
    gpus,
    node: {
      ref: { cluster, apiVersion: "v1", kind: "Node", name: node.metadata.name, uid: uidOf(node) },
      ...known,
      capacityType: capacityType(labels),
      ...sizesOf(node, gpus, quantities),
      labels,
      taints: listAt(node, "spec", "taints").map(taintOf),
      unschedulable: valueAt(node, "spec", "unschedulable") === true,
      ready: listAt(node, "status", "conditions").some(
        (condition) => textAt(condition, "type") === "Ready" && textAt(condition, "status") === "True",
      ),
      kept: isKept(node),
      object: node,
    },
  };
}

function sizesOf(node: KubeObject, gpus: NodeGpus, quantities: QuantityReader) {
  const capacity = textsAt(node, "status", "capacity");
  const allocatable = textsAt(node, "status", "allocatable");
  const size = (amounts: Readonly<Record<string, string>>, gpu: string): Resources => ({
    cpu: quantities.text(quantities.read(amounts["cpu"])),
    memory: quantities.text(quantities.read(amounts["memory"])),
    gpu,
  });
  return {
    allocatable: {
      ...size(allocatable, quantities.text(allocatableDevices(capacity, allocatable, { gpus, quantities }))),
      pods: Number(allocatable["pods"] ?? capacity["pods"] ?? 110),
    },
    capacity: size(capacity, quantities.text(gpus.devices)),
  };
}

/** As much of the devices as is allocatable of what they are handed out as: broken devices are not. */
function allocatableDevices(
  capacity: Readonly<Record<string, string>>,
  allocatable: Readonly<Record<string, string>>,
  { gpus, quantities }: { gpus: NodeGpus; quantities: QuantityReader },
) {
  const whole = devicesOf(capacity, gpus, quantities);
  const usable = devicesOf(allocatable, gpus, quantities);
  if (whole === ZERO) return ZERO;
  if (gpus.hami !== undefined) return multiplyDivide(gpus.devices, usable, whole);
  return min(usable, gpus.devices);
}

function capacityType(labels: Readonly<Record<string, string>>): ClusterNode["capacityType"] {
  if (SPOT_MARKS.some(([key, value]) => labels[key] === value)) return "spot";
  return RESERVED_MARKS.some(([key, value]) => labels[key] === value) ? "reserved" : "on-demand";
}

function taintOf(taint: unknown): ClusterNode["taints"][number] {
  const value = textAt(taint, "value");
  return {
    key: textAt(taint, "key") ?? "",
    ...(value === undefined || value === "" ? {} : { value }),
    effect: textAt(taint, "effect") ?? "",
  };
}

function isKept({ metadata: { annotations = {} } }: KubeObject): boolean {
  return (
    annotations["karpenter.sh/do-not-disrupt"] === "true" ||
    annotations["cluster-autoscaler.kubernetes.io/scale-down-disabled"] === "true"
  );
}
