import type { KubeObject } from "../connections/types.ts";
import type { NodeGroupSizes } from "./autoscaler-status.ts";
import { listAt, numberAt, textAt, textsAt, valueAt } from "./fields.ts";
import type { GovernanceReader } from "./governance.ts";
import { poolOf } from "./nodes.ts";
import { optInOf } from "./protection.ts";
import type { ClusterNode, NodePool } from "./types.ts";

/** On nodes whose autoscaler cannot be seen from inside: `genops.ai/autoscaled=true`, and its least size. */
const AUTOSCALED = "genops.ai/autoscaled";
const MIN_NODES = "genops.ai/min-nodes";

export interface PoolSources {
  nodes: readonly ClusterNode[];
  /** Karpenter's NodePools. */
  nodePools: readonly KubeObject[];
  /** What cluster-autoscaler says of its groups. */
  groups: readonly NodeGroupSizes[];
  governance: GovernanceReader;
}

/** Karpenter's NodePools (also those without nodes), and what node labels tell of other pools. */
export function readNodePools(sources: PoolSources): NodePool[] {
  const members = new Map<string, { kind: NodePool["kind"]; nodes: ClusterNode[] }>();
  for (const node of sources.nodes) {
    const pool = poolOf(node.labels);
    if (pool === undefined) continue;
    const known = members.get(pool.name) ?? { kind: pool.kind, nodes: [] };
    known.nodes.push(node);
    members.set(pool.name, known);
  }
  const karpenters = sources.nodePools.map((object) => {
    const found = members.get(object.metadata.name);
    const nodes = found?.kind === "karpenter" ? found.nodes : [];
    if (nodes.length > 0) members.delete(object.metadata.name);
    return karpenterPool(object, nodes, sources.governance);
  });
  const others = [...members].map(([name, { kind, nodes }]) => labelledPool({ name, kind, nodes }, sources));
  return [...karpenters, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function karpenterPool(object: KubeObject, nodes: readonly ClusterNode[], governance: GovernanceReader): NodePool {
  const removes = karpenterRemoves(object);
  const template = textsAt(object, "spec", "template", "metadata", "labels");
  return {
    name: object.metadata.name,
    kind: "karpenter",
    spot: isSpot(nodes) || offersOnlySpot(object),
    gpu: hasGpu(nodes),
    optIn: optInOf(object),
    governance: governance.of(undefined, object.metadata.labels ?? {}, template),
    autoscaled: removes !== "none",
    removes,
    minNodes: 0,
    nodes: nodes.map(({ ref }) => ref.name),
    object,
  };
}

function karpenterRemoves(object: KubeObject): NodePool["removes"] {
  if (numberAt(object, "spec", "replicas") !== undefined) return "none";
  const disruption = valueAt(object, "spec", "disruption");
  if (textAt(disruption, "consolidateAfter") === "Never") return "none";
  const policy = textAt(disruption, "consolidationPolicy") === "WhenEmpty" ? "empty" : "underutilized";
  const reasons = policy === "empty" ? ["Empty"] : ["Empty", "Underutilized"];
  const open = reasons.filter((reason) => !listAt(disruption, "budgets").some((budget) => forbids(budget, reason)));
  if (!open.includes("Empty")) return "none";
  return open.includes("Underutilized") ? "underutilized" : "empty";
}

/** A budget without a schedule that never lets a node go for this reason. */
function forbids(budget: unknown, reason: string): boolean {
  const nodes = valueAt(budget, "nodes");
  const isNothing = nodes === 0 || nodes === "0" || nodes === "0%";
  const reasons = listAt(budget, "reasons");
  return isNothing && textAt(budget, "schedule") === undefined && (reasons.length === 0 || reasons.includes(reason));
}

function offersOnlySpot(object: KubeObject): boolean {
  return listAt(object, "spec", "template", "spec", "requirements").some((requirement) => {
    const values = listAt(requirement, "values");
    return textAt(requirement, "key") === "karpenter.sh/capacity-type" && values.length === 1 && values[0] === "spot";
  });
}

function labelledPool(
  { name, kind, nodes }: { name: string; kind: NodePool["kind"]; nodes: readonly ClusterNode[] },
  { groups, governance }: PoolSources,
): NodePool {
  const labels = nodes[0]?.labels ?? {};
  const own = groups.filter((group) => isGroupOf(group.name, name, kind));
  const removes = removesOf(kind, labels, own.length > 0);
  const told = Number(labels[MIN_NODES] ?? Number.NaN);
  return {
    name,
    kind,
    spot: isSpot(nodes),
    gpu: hasGpu(nodes),
    optIn: nodes.length === 0 ? "none" : weakestOptIn(nodes),
    governance: governance.of(undefined, labels),
    autoscaled: removes !== "none",
    removes,
    minNodes: Number.isInteger(told) && told >= 0 ? told : own.reduce((total, { minSize }) => total + minSize, 0),
    nodes: nodes.map(({ ref }) => ref.name),
  };
}

/** Nodes of a Karpenter pool whose object could not be read: its policy is unknown, so that nothing is counted on. */
function removesOf(
  kind: NodePool["kind"],
  labels: Readonly<Record<string, string>>,
  isListed: boolean,
): NodePool["removes"] {
  const told = labels[AUTOSCALED];
  if (told === "false") return "none";
  if (told === "true" || isListed) return kind === "karpenter" ? "empty" : "below-half";
  return "none";
}

/** How clouds name the group behind a pool: `eks-<pool>-<uuid>`, `aks-<pool>-<n>-vmss`, `…/gke-<cluster>-<pool>-<hash>-grp`, or as it is. */
function isGroupOf(group: string, pool: string, kind: NodePool["kind"]): boolean {
  const name = group.slice(group.lastIndexOf("/") + 1);
  if (name === pool) return true;
  if (kind === "eks-nodegroup")
    return name.startsWith(`eks-${pool}-`) && /^[0-9a-f-]{36}$/.test(name.slice(pool.length + 5));
  if (kind === "aks-agentpool") return new RegExp(`^aks-${escaped(pool)}-\\d+-vmss$`).test(name);
  if (kind === "gke-nodepool") return new RegExp(`^gke-.+-${escaped(pool)}-[0-9a-f]{8}-grp$`).test(name);
  return name === pool || name.startsWith(`${pool}.`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function isSpot(nodes: readonly ClusterNode[]): boolean {
  return nodes.length > 0 && nodes.every(({ capacityType }) => capacityType === "spot");
}

function hasGpu(nodes: readonly ClusterNode[]): boolean {
  return nodes.some(({ capacity }) => capacity.gpu !== "0");
}

function weakestOptIn(nodes: readonly ClusterNode[]): NodePool["optIn"] {
  const order = ["none", "freeze", "throttle", "block"] as const;
  const found = nodes.map(({ object }) => order.indexOf(optInOf(object)));
  return order[Math.min(...found)] ?? "none";
}
