import { subtract } from "../../../core/decimal.ts";
import type { ClusterNode, NodePool, Pod, Resources } from "../../inventory/types.ts";
import type { PricedInventory } from "../types.ts";

/** Amounts as whole numbers, so that adding and taking away leaves nothing behind: millionths of cores and devices, bytes. */
export interface Amounts {
  cpu: number;
  memory: number;
  gpu: number;
}

/** A pod that keeps room on its node. */
export interface PlacedPod {
  /** Position in the state's list. */
  index: number;
  pod: Pod;
  /** Uid of its workload; its own where it has none. */
  owner: string;
  asks: Amounts;
  home: number;
}

export interface SizedNode {
  node: ClusterNode;
  index: number;
  size: Amounts;
  pods: number;
  pool: NodePool | undefined;
  /** Per hour, what its release saves: without what is paid anyway. */
  worth: bigint;
}

/** A cluster's nodes and pods as numbers; made once, never changed. */
export interface ClusterState {
  nodes: readonly SizedNode[];
  /** By workload (or the loose pod itself): those that are on nodes. */
  pods: readonly PlacedPod[];
}

const MILLION = 1_000_000;

export function stateOf({ inventory, nodes: prices }: PricedInventory): ClusterState {
  const pools = new Map(inventory.nodePools.flatMap((pool) => pool.nodes.map((name) => [name, pool] as const)));
  const nodes = inventory.nodes.map((node, index): SizedNode => {
    const price = prices.get(node.ref.name);
    const net = price === undefined ? 0n : subtract(price.perHour, price.committedPerHour);
    return {
      node,
      index,
      size: amountsOf(node.allocatable),
      pods: node.allocatable.pods,
      pool: pools.get(node.ref.name),
      worth: node.capacityType === "reserved" || net < 0n ? 0n : net,
    };
  });
  const indexes = new Map(nodes.map(({ node, index }) => [node.ref.name, index]));
  const pods: PlacedPod[] = [];
  const put = (pod: Pod, owner: string): void => {
    const home = pod.node === undefined || isOver(pod) ? undefined : indexes.get(pod.node);
    if (home !== undefined) pods.push({ index: pods.length, pod, owner, asks: amountsOf(pod.requests), home });
  };
  for (const { ref, pods: own } of inventory.workloads) for (const pod of own) put(pod, ref.uid);
  for (const pod of inventory.loosePods) put(pod, pod.uid);
  return { nodes, pods };
}

/** A pod that has ended keeps no room. */
function isOver({ phase }: Pod): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

function amountsOf({ cpu, memory, gpu }: Resources): Amounts {
  return {
    cpu: Math.round(Number(cpu) * MILLION),
    memory: Math.round(Number(memory)),
    gpu: Math.round(Number(gpu) * MILLION),
  };
}

/** As cluster-autoscaler measures it: requests, daemons too; of a GPU node the GPUs alone. */
export function utilization({ size }: SizedNode, pods: readonly PlacedPod[]): number {
  const asked = pods.reduce<Amounts>(
    (total, { asks }) => ({
      cpu: total.cpu + asks.cpu,
      memory: total.memory + asks.memory,
      gpu: total.gpu + asks.gpu,
    }),
    { cpu: 0, memory: 0, gpu: 0 },
  );
  if (size.gpu > 0) return asked.gpu / size.gpu;
  return Math.max(size.cpu === 0 ? 0 : asked.cpu / size.cpu, size.memory === 0 ? 0 : asked.memory / size.memory);
}
