import { estimateNode } from "../clusters/costs/base-prices.ts";
import { billPrices } from "../clusters/costs/bill-prices.ts";
import { COMPUTE_ENGINE, listMachinePrice } from "../clusters/costs/list-machine-prices.ts";
import { machineOf } from "../clusters/costs/node-ids.ts";
import type { NodePrice } from "../clusters/costs/types.ts";
import type { ClusterNode, Inventory } from "../clusters/inventory/types.ts";
import { ZERO } from "../core/decimal.ts";
import { GenOpsError } from "../core/errors.ts";
import { addDays, type Day, dayOf } from "../core/period.ts";
import { settledThrough } from "../ledger/settledness.ts";
import { findListPrices } from "./list-prices.ts";
import { machineDays, reportMoney } from "./machine-days.ts";
import type { Runtime } from "./runtime.ts";

/** A price is the mean of so many settled days. */
const DAYS = 7;

/**
 * What an hour of every node costs, by the most trusted source that knows it: the bill of the last settled days (effective cost, and of it
 * what a commitment pays anyway), list prices where they know the machine's family, OpenCost's base prices. In the currency of reports; a
 * node whose price cannot be had in it is left out. Throws `refused` where the bill is in a currency without a rate.
 */
export async function nodePrices(runtime: Runtime, inventory: Inventory): Promise<ReadonlyMap<string, NodePrice>> {
  const { nodes } = inventory;
  const days = await machineDays(runtime, nodes, billedDays(runtime, nodes));
  const billed = billPrices(nodes, days);
  const listed = await listPrices(
    runtime,
    nodes.filter(({ ref }) => !billed.has(ref.name)),
  );
  const prices = nodes.flatMap((node) => {
    const { name } = node.ref;
    return billed.get(name) ?? listed.get(name) ?? estimate(runtime, node) ?? [];
  });
  return new Map(prices.map((price) => [price.node, price]));
}

/** The last settled days of the slowest of the clouds that the nodes are in. */
function billedDays({ config, clock }: Runtime, nodes: readonly ClusterNode[]): { start: Day; end: Day } {
  const today = dayOf(clock.evaluationNow());
  const providers = new Set(nodes.flatMap(({ providerId }) => machineOf(providerId ?? "")?.provider ?? []));
  const through = [...providers, ...(providers.size === 0 ? ["default"] : [])]
    .map((provider) => settledThrough(config.settledAfterDays, provider, today))
    .sort()[0] as Day;
  return { start: addDays(through, 1 - DAYS), end: addDays(through, 1) };
}

/** Google's list is the one that is kept (`genops prices sync`). */
async function listPrices(runtime: Runtime, nodes: readonly ClusterNode[]): Promise<Map<string, NodePrice>> {
  const googles = nodes.filter(({ providerId }) => machineOf(providerId ?? "")?.provider === "gcp");
  if (googles.length === 0) return new Map();
  const at = runtime.clock.evaluationNow();
  const found = await findListPrices(runtime, {
    service: COMPUTE_ENGINE,
    currency: runtime.config.currency.report,
    at,
  });
  const prices = googles.flatMap((node): NodePrice[] => {
    const perHour = listMachinePrice(node, found);
    return perHour === undefined ? [] : [{ node: node.ref.name, perHour, committedPerHour: ZERO, source: "list" }];
  });
  return new Map(prices.map((price) => [price.node, price]));
}

/** In US dollars; without a rate to the currency of reports there is no estimate. */
function estimate(runtime: Runtime, node: ClusterNode): NodePrice | undefined {
  const day = dayOf(runtime.clock.evaluationNow());
  try {
    const perHour = reportMoney(runtime, { amount: estimateNode(node), currency: "USD", day });
    return { node: node.ref.name, perHour, committedPerHour: ZERO, source: "estimate" };
  } catch (error) {
    if (error instanceof GenOpsError && error.code === "refused") return undefined;
    throw error;
  }
}
