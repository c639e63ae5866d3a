import type { KubeObject } from "../connections/types.ts";
import { listAt, textAt, valueAt } from "./fields.ts";
import type { GovernanceReader } from "./governance.ts";
import { type NodeGpus, UNKNOWN_NODE } from "./gpu-shares.ts";
import { controllerOf, uidOf } from "./owner-chain.ts";
import { createPlacementReader } from "./placement.ts";
import { consumption, isCharged, NOTHING, plus, podRequests, textsOf, usageOf } from "./pod-resources.ts";
import type { QuantityReader } from "./quantities.ts";
import type { ClusterNode, Pod } from "./types.ts";

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

export interface PodSurroundings {
  quantities: QuantityReader;
  governance: GovernanceReader;
  nodes: ReadonlyMap<string, ClusterNode>;
  gpus: ReadonlyMap<string, NodeGpus>;
  /** By `namespace/name`. */
  metrics: ReadonlyMap<string, KubeObject>;
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
}

/** Reads pods one after another. `stays`: a disruption budget does not let it go now. */
export function createPodReader(on: PodSurroundings): (pod: KubeObject, stays: boolean) => Pod {
  const placementOf = createPlacementReader();
  return (pod, stays) => {
    const { quantities } = on;
    const { name, namespace = "", labels = {} } = pod.metadata;
    const place = textAt(pod, "spec", "nodeName") ?? "";
    const gpus = on.gpus.get(place) ?? UNKNOWN_NODE;
    const daemon = isDaemon(pod);
    const isHeldHere = stays || isHeld(pod, isKarpenters(on.nodes.get(place)));
    return {
      namespace,
      name,
      uid: uidOf(pod),
      ...(place === "" ? {} : { node: place }),
      ...lifeOf(pod),
      requests: textsOf(podRequests(valueAt(pod, "spec"), gpus, quantities), quantities),
      ...usageAndCost(pod, { gpus, quantities, metrics: on.metrics.get(`${namespace}/${name}`) }),
      immovable: !daemon && isHeldHere,
      daemon,
      placement: placementOf(pod),
      governance: on.governance.of(namespace, labels, on.namespaceLabels(namespace)),
    };
  };
}

function lifeOf(pod: KubeObject): Pick<Pod, "phase" | "ready" | "createdAt" | "deletionCost"> {
  const { creationTimestamp, annotations = {} } = pod.metadata;
  return {
    phase: textAt(pod, "status", "phase") ?? "Unknown",
    ready: isReady(pod),
    ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }),
    deletionCost: Number(annotations[DELETION_COST] ?? 0) || 0,
  };
}

function usageAndCost(
  pod: KubeObject,
  { gpus, quantities, metrics }: { gpus: NodeGpus; quantities: QuantityReader; metrics: KubeObject | undefined },
): Pick<Pod, "charged" | "usage" | "consumes"> {
  const usage = metrics === undefined ? undefined : usageOf(metrics, quantities);
  const charged = isCharged(pod);
  return {
    charged,
    ...(usage === undefined ? {} : { usage: textsOf([...usage.values()].reduce(plus, NOTHING), quantities) }),
    consumes: textsOf(charged ? consumption(pod, { gpus, usage, quantities }) : NOTHING, quantities),
  };
}

function isReady(pod: KubeObject): boolean {
  return listAt(pod, "status", "conditions").some(
    (condition) => textAt(condition, "type") === "Ready" && textAt(condition, "status") === "True",
  );
}

function isDaemon(pod: KubeObject): boolean {
  const kind = controllerOf(pod)?.kind;
  return (
    kind === "DaemonSet" || kind === "Node" || pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined
  );
}

function isKarpenters(node: ClusterNode | undefined): boolean {
  return node?.labels["karpenter.sh/nodepool"] !== undefined;
}

/** What keeps the node's autoscaler from moving a pod. Karpenter heeds its own mark only; cluster-autoscaler has more rules. */
function isHeld(pod: KubeObject, byKarpenter: boolean): boolean {
  const annotations = pod.metadata.annotations ?? {};
  if (byKarpenter) return annotations["karpenter.sh/do-not-disrupt"] === "true";
  const safe = annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"];
  if (safe === "true") return false;
  return safe === "false" || controllerOf(pod) === undefined || isKubeSystem(pod) || hasLocalStorage(pod);
}

/** Without a disruption budget cluster-autoscaler does not move them; one that allows it is rare enough to leave out. */
function isKubeSystem(pod: KubeObject): boolean {
  return pod.metadata.namespace === "kube-system";
}

function hasLocalStorage(pod: KubeObject): boolean {
  const safe = pod.metadata.annotations?.["cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"] ?? "";
  const named = new Set(safe.split(",").map((name) => name.trim()));
  return listAt(pod, "spec", "volumes").some((volume) => {
    if (named.has(textAt(volume, "name") ?? "")) return false;
    if (valueAt(volume, "hostPath") !== undefined) return true;
    return valueAt(volume, "emptyDir") !== undefined && textAt(volume, "emptyDir", "medium") !== "Memory";
  });
}
