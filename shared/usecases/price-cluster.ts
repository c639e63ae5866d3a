import { withMeasuredWeights } from "../clusters/costs/measured-weights.ts";
import { priceInventory } from "../clusters/costs/price-inventory.ts";
import type { PricedInventory } from "../clusters/costs/types.ts";
import type { Inventory } from "../clusters/inventory/types.ts";
import { measuredWeights } from "./measured-weights.ts";
import { nodePrices } from "./node-prices.ts";
import type { Runtime } from "./runtime.ts";

/** What a cluster costs now and who causes it: by OpenCost's measured shares where a source knows the cluster, else by requests and use. */
export async function priceCluster(runtime: Runtime, inventory: Inventory): Promise<PricedInventory> {
  const prices = await nodePrices(runtime, inventory);
  const priced = priceInventory(inventory, { prices, currency: runtime.config.currency.report });
  const weights = await measuredWeights(runtime, inventory.cluster);
  return weights === undefined ? priced : withMeasuredWeights(priced, weights);
}
