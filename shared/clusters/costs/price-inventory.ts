import { add, type Decimal, parseDecimal, split, subtract, sum, ZERO } from "../../core/decimal.ts";
import type { ClusterNode, Governance, Inventory, Pod, Resources } from "../inventory/types.ts";
import { splitNode } from "./base-prices.ts";
import type { NodePrice, PricedInventory, ResourceCost, WorkloadCost } from "./types.ts";

export interface PricingOptions {
  /** By node name. */
  prices: ReadonlyMap<string, NodePrice>;
  currency: string;
  /** What a pod weighs on its node instead of what it asks for and uses. */
  consumption?: (pod: Pod) => Resources;
}

const RESOURCES = ["cpu", "memory", "gpu"] as const;
const NOTHING: ResourceCost = { cpu: ZERO, memory: ZERO, gpu: ZERO };

/**
 * Divides every node's price among the pods on it by OpenCost's specification (`reference/more-contracts.md` §7): per resource the
 * greater of request and use; what is left is idle. Σ workloads + Σ idle = Σ nodes, to the last digit.
 */
export function priceInventory(inventory: Inventory, options: PricingOptions): PricedInventory {
  const { prices, currency, consumption = ({ consumes }) => consumes } = options;
  const pods = [...inventory.workloads.flatMap((workload) => workload.pods), ...inventory.loosePods];
  const byNode = Map.groupBy(
    pods.filter(({ charged }) => charged),
    ({ node }) => node ?? "",
  );
  const podCosts = new Map<string, ResourceCost>();
  const idle = new Map<string, ResourceCost>();
  const crowded: string[] = [];
  for (const node of inventory.nodes) {
    const { name } = node.ref;
    const perHour = prices.get(name)?.perHour ?? ZERO;
    const shared = shareNode(node, perHour, (byNode.get(name) ?? []).map(consumption));
    for (const [index, pod] of (byNode.get(name) ?? []).entries()) podCosts.set(pod.uid, shared.pods[index] ?? NOTHING);
    idle.set(name, shared.idle);
    if (shared.overcommitted) crowded.push(name);
    byNode.delete(name);
  }
  return {
    inventory,
    currency,
    nodes: prices,
    workloads: workloadCosts(inventory, podCosts),
    pods: new Map([...podCosts].map(([uid, parts]) => [uid, whole(parts)])),
    idle,
    perHour: sum(inventory.nodes.map(({ ref }) => prices.get(ref.name)?.perHour ?? ZERO)),
    problems: problemsOf(inventory, prices, { crowded, unplaced: [...byNode.keys()] }),
  };
}

/** One node's price over its pods, resource by resource; the remainder of idle is last. */
function shareNode(node: ClusterNode, perHour: Decimal, pods: readonly Resources[]) {
  const parts = splitNode(node.capacity, perHour);
  const shares = RESOURCES.map((name) => {
    const asked = pods.map((pod) => parseDecimal(pod[name]));
    return shareResource(parts[name], parseDecimal(node.capacity[name]), asked);
  });
  const [cpu, memory, gpu] = shares;
  const at = (index: number): ResourceCost => ({
    cpu: cpu?.parts[index] ?? ZERO,
    memory: memory?.parts[index] ?? ZERO,
    gpu: gpu?.parts[index] ?? ZERO,
  });
  return {
    pods: pods.map((_pod, index) => at(index)),
    idle: at(pods.length),
    overcommitted: shares.some(({ overcommitted }) => overcommitted),
  };
}

/** Pods that together want more than there is share all of it: idle is never negative. */
function shareResource(cost: Decimal, capacity: Decimal, asked: readonly Decimal[]) {
  const left = subtract(capacity, sum(asked));
  if (cost === ZERO) return { parts: [], overcommitted: left < 0n };
  return { parts: split(cost, [...asked, left > 0n ? left : ZERO]), overcommitted: left < 0n };
}

function workloadCosts(inventory: Inventory, podCosts: ReadonlyMap<string, ResourceCost>): Map<string, WorkloadCost> {
  const costs = new Map<string, WorkloadCost>();
  const put = (
    who: { uid: string; namespace: string; name: string; governance: Governance },
    pods: readonly Pod[],
  ): void => {
    const parts = pods.map(({ uid }) => podCosts.get(uid) ?? NOTHING).reduce(plus, NOTHING);
    costs.set(who.uid, { ...who, perHour: whole(parts), parts });
  };
  for (const { ref, governance, pods } of inventory.workloads)
    put({ uid: ref.uid, namespace: ref.namespace ?? "", name: ref.name, governance }, pods);
  for (const pod of inventory.loosePods)
    put({ uid: pod.uid, namespace: pod.namespace, name: pod.name, governance: pod.governance }, [pod]);
  return costs;
}

function plus(a: ResourceCost, b: ResourceCost): ResourceCost {
  return { cpu: add(a.cpu, b.cpu), memory: add(a.memory, b.memory), gpu: add(a.gpu, b.gpu) };
}

function whole({ cpu, memory, gpu }: ResourceCost): Decimal {
  return add(add(cpu, memory), gpu);
}

function problemsOf(
  { nodes }: Inventory,
  prices: ReadonlyMap<string, NodePrice>,
  { crowded, unplaced }: { crowded: readonly string[]; unplaced: readonly string[] },
): string[] {
  const unpriced = nodes.map(({ ref }) => ref.name).filter((name) => !prices.has(name));
  const estimated = nodes.map(({ ref }) => ref.name).filter((name) => prices.get(name)?.source === "estimate");
  const told: [readonly string[], string][] = [
    [unpriced, "without a price: counted as free"],
    [estimated, "neither on the bill nor in a price list: the price is an estimate"],
    [crowded, "overcommitted: the pods share the price, and nothing of it is idle"],
    [unplaced, "with pods that could not be read: these pods cost nothing here"],
  ];
  return told.flatMap(([names, what]) => (names.length === 0 ? [] : [`${counted(names)} ${what}`]));
}

/** `3 nodes (a, b, c)`; of many the first three. */
function counted(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(", ");
  return `${names.length} ${names.length === 1 ? "node" : "nodes"} (${names.length > 3 ? `${shown}, …` : shown})`;
}
