import { add, type Decimal, divide, multiply, parseDecimal, split, ZERO } from "../../core/decimal.ts";
import type { ClusterNode, Resources } from "../inventory/types.ts";
import type { ResourceCost } from "./types.ts";

/** US dollars per hour of a core, a GiB and a GPU. */
export interface BasePrices {
  core: Decimal;
  gibibyte: Decimal;
  gpu: Decimal;
}

/**
 * OpenCost's defaults (`configs/default.json`, "based on GCP us-central1"). Their ratio divides a node's price among its resources; as
 * prices they are the last resort. OpenCost names no other price for a GPU of a spot node.
 */
export const BASE_PRICES = {
  onDemand: { core: parseDecimal("0.031611"), gibibyte: parseDecimal("0.004237"), gpu: parseDecimal("0.95") },
  spot: { core: parseDecimal("0.006655"), gibibyte: parseDecimal("0.000892"), gpu: parseDecimal("0.95") },
} as const satisfies Record<string, BasePrices>;

const GIBIBYTE = parseDecimal(String(1024 ** 3));

/** What each resource of a machine of that size would cost at base prices. */
export function atBasePrices({ cpu, memory, gpu }: Resources, prices: BasePrices): ResourceCost {
  return {
    cpu: multiply(parseDecimal(cpu), prices.core),
    memory: multiply(divide(parseDecimal(memory), GIBIBYTE), prices.gibibyte),
    gpu: multiply(parseDecimal(gpu), prices.gpu),
  };
}

/** US dollars per hour. */
export function estimateNode({ capacity, capacityType }: Pick<ClusterNode, "capacity" | "capacityType">): Decimal {
  const parts = atBasePrices(capacity, capacityType === "spot" ? BASE_PRICES.spot : BASE_PRICES.onDemand);
  return add(add(parts.cpu, parts.memory), parts.gpu);
}

/** A node's price divided among its resources by the ratio of base prices, also for spot nodes, as OpenCost does it. To the last digit. */
export function splitNode(
  capacity: Resources,
  perHour: Decimal,
  prices: BasePrices = BASE_PRICES.onDemand,
): ResourceCost {
  const weights = atBasePrices(capacity, prices);
  const [cpu = ZERO, memory = ZERO, gpu = ZERO] = split(perHour, [weights.cpu, weights.memory, weights.gpu]);
  return weights.cpu + weights.memory + weights.gpu === 0n
    ? { cpu: perHour, memory: ZERO, gpu: ZERO }
    : { cpu, memory, gpu };
}
