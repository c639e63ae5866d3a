import type { Decimal } from "../../core/decimal.ts";
import type { Governance, Inventory } from "../inventory/types.ts";

/** Where a node's price comes from, the most trusted first. */
export type PriceSource = "bill" | "configured" | "list" | "estimate";

/** What an hour of a node costs now. */
export interface NodePrice {
  node: string;
  /** Per hour, in the currency that was asked for. */
  perHour: Decimal;
  /** Of it, what is paid also without the node (reservations, savings plans, committed use): releasing it saves nothing of that. */
  committedPerHour: Decimal;
  source: PriceSource;
}

/** Money per hour. `cpu + memory + gpu` is the whole. */
export interface ResourceCost {
  cpu: Decimal;
  memory: Decimal;
  gpu: Decimal;
}

export interface WorkloadCost {
  /** Uid of the workload, or of a loose pod. */
  uid: string;
  namespace: string;
  name: string;
  governance: Governance;
  perHour: Decimal;
  parts: ResourceCost;
}

/** An inventory with money: `Σ workloads + Σ idle = Σ nodes`, to the last digit. */
export interface PricedInventory {
  inventory: Inventory;
  currency: string;
  nodes: ReadonlyMap<string, NodePrice>;
  workloads: ReadonlyMap<string, WorkloadCost>;
  /** Per pod uid; the pods of a workload add up to it. */
  pods: ReadonlyMap<string, Decimal>;
  /** Per node: what no pod asked for or used. Negative by overcommit is clamped to zero, and said in `problems`. */
  idle: ReadonlyMap<string, ResourceCost>;
  perHour: Decimal;
  problems: readonly string[];
}

/** Fewer pods of a workload (by uid): what a step frees. */
export interface Freed {
  uid: string;
  /** Pods that go. */
  pods: number;
}

/** What freeing saves: only nodes that an autoscaler will really give back, without what is paid anyway. */
export interface Saving {
  /** Per hour, net. The sum of `byStep` to the last digit. */
  perHour: Decimal;
  /** In the order of the steps that were asked about. */
  byStep: readonly Decimal[];
  releasedNodes: readonly string[];
  /** Share of the freed requests that will not be given back, in words: `3 of 5 nodes stay: pool general has minNodes 3`. */
  remarks: readonly string[];
}
