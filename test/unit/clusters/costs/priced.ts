import type { KubeObject } from "../../../../shared/clusters/connections/types.ts";
import { priceInventory } from "../../../../shared/clusters/costs/price-inventory.ts";
import type { NodePrice, PricedInventory } from "../../../../shared/clusters/costs/types.ts";
import { buildInventory } from "../../../../shared/clusters/inventory/build-inventory.ts";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import { sourcesOf } from "../../../support/cluster-objects.ts";

/** A node's price on the bill, of which `committed` is paid anyway. */
export function price(node: string, perHour: string, committed = "0"): [string, NodePrice] {
  return [node, { node, perHour: parseDecimal(perHour), committedPerHour: parseDecimal(committed), source: "bill" }];
}

export function priced(objects: readonly KubeObject[], prices: readonly [string, NodePrice][]): PricedInventory {
  return priceInventory(buildInventory(sourcesOf(objects)), { currency: "USD", prices: new Map(prices) });
}
