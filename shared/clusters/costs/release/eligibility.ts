import type { ClusterNode, NodeExpression, Placement, Toleration } from "../../inventory/types.ts";
import type { PlacedPod, SizedNode } from "./cluster-state.ts";

const FIELD_NAME = "field:metadata.name";

/** Nodes that the rules of pods cannot tell apart. */
export interface NodeClass {
  index: number;
  sample: ClusterNode;
  /** In the order of the cluster's nodes. */
  members: readonly number[];
}

/** Which nodes a pod may run on, by class: its selector, required affinity, tolerations and the zone of its volumes. */
export interface Eligibility {
  classes: readonly NodeClass[];
  classesFor(pod: PlacedPod): readonly NodeClass[];
  /** Of a node by its index; none: it takes no pods. */
  classOf(node: number): number | undefined;
}

export function createEligibility(nodes: readonly SizedNode[], pods: readonly PlacedPod[]): Eligibility {
  const keys = referencedKeys(pods);
  const groups = Map.groupBy(
    nodes.filter(({ node }) => node.ready && !node.unschedulable),
    ({ node }) => signatureOf(node, keys),
  );
  const classes = [...groups.values()].map((members, index) => ({
    index,
    sample: (members[0] as SizedNode).node,
    members: members.map((each) => each.index),
  }));
  const known = new Map<string, readonly NodeClass[]>();
  const own = new Map(classes.flatMap(({ index, members }) => members.map((node) => [node, index] as const)));
  const allowed = pods.map(classesFor);
  return {
    classes,
    classOf: (node) => own.get(node),
    classesFor: ({ index }) => allowed[index] ?? [],
  };

  function classesFor({ pod: { placement }, home }: PlacedPod): readonly NodeClass[] {
    const zone = placement.zonal ? (nodes[home]?.node.zone ?? "") : "";
    const key = `${zone} ${placement.key}`;
    const found = known.get(key) ?? classes.filter(({ sample }) => fits(placement, sample, zone));
    known.set(key, found);
    return found;
  }
}

function referencedKeys(pods: readonly PlacedPod[]): string[] {
  const keys = new Set<string>();
  const seen = new Set<string>();
  for (const { pod } of pods) {
    if (pod.daemon || seen.has(pod.placement.key)) continue;
    seen.add(pod.placement.key);
    for (const key of Object.keys(pod.placement.nodeSelector)) keys.add(key);
    for (const { key } of pod.placement.nodeTerms.flat()) keys.add(key);
  }
  return [...keys].sort();
}

function signatureOf(node: ClusterNode, keys: readonly string[]): string {
  return JSON.stringify([node.zone, node.taints, keys.map((key) => labelOf(node, key))]);
}

function labelOf(node: ClusterNode, key: string): string | undefined {
  return key === FIELD_NAME ? node.ref.name : node.labels[key];
}

function fits(placement: Placement, node: ClusterNode, zone: string): boolean {
  if (zone !== "" && node.zone !== zone) return false;
  const selected = Object.entries(placement.nodeSelector).every(([key, value]) => node.labels[key] === value);
  const { nodeTerms } = placement;
  const wanted = nodeTerms.length === 0 || nodeTerms.some((term) => term.every((each) => holds(each, node)));
  return selected && wanted && node.taints.every((taint) => isTolerated(taint, placement.tolerations));
}

function holds({ key, operator, values }: NodeExpression, node: ClusterNode): boolean {
  const value = labelOf(node, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function isTolerated(taint: ClusterNode["taints"][number], tolerations: readonly Toleration[]): boolean {
  if (taint.effect === "PreferNoSchedule") return true;
  return tolerations.some(
    ({ key, operator, value, effect }) =>
      (effect === undefined || effect === taint.effect) &&
      (key === undefined ? operator === "Exists" : key === taint.key) &&
      (operator === "Exists" || (value ?? "") === (taint.value ?? "")),
  );
}
