import { type Decimal, divide, fromInteger, max, min, sum, ZERO } from "../../core/decimal.ts";
import type { ClusterNode } from "../inventory/types.ts";
import { machineOf } from "./node-ids.ts";
import type { NodePrice } from "./types.ts";

/** What one machine cost on one day, in the currency that is reported. */
export interface MachineDay {
  /** As in `MachineId.keys`. */
  key: string;
  day: string;
  effective: Decimal;
  /** Of it, what a commitment covers. */
  committed: Decimal;
  /** Hours that the bill says it ran; undefined where it counts by cores or bytes. */
  hours: Decimal | undefined;
}

const HOURS_PER_DAY = fromInteger(24);

/**
 * Prices by the bill: per machine, else per scale set; a node that is too young to be on a settled bill costs what the others of its
 * instance type, region and capacity type cost on average.
 */
export function billPrices(nodes: readonly ClusterNode[], days: readonly MachineDay[]): Map<string, NodePrice> {
  const byKey = Map.groupBy(days, ({ key }) => key);
  const own = new Map<string, NodePrice>();
  for (const node of nodes) {
    const keys = machineOf(node.providerId ?? "")?.keys ?? [];
    const found = keys.map((key, index) => ({ days: byKey.get(key) ?? [], shared: index > 0 }));
    const billed = found.find((each) => each.days.length > 0);
    const price = billed === undefined ? undefined : priceOf(node, billed.days, billed.shared);
    if (price !== undefined) own.set(node.ref.name, price);
  }
  return withPeers(nodes, own);
}

function priceOf(node: ClusterNode, days: readonly MachineDay[], shared: boolean): NodePrice | undefined {
  const hours = sum(days.map((each) => hoursOf(node, each, shared)));
  if (hours <= 0n) return undefined;
  const perHour = max(ZERO, divide(sum(days.map(({ effective }) => effective)), hours));
  const committed = max(ZERO, divide(sum(days.map((each) => each.committed)), hours));
  return { node: node.ref.name, perHour, committedPerHour: min(committed, perHour), source: "bill" };
}

/** A scale set runs many machines at once, one machine at most all day. Without hours on the bill: since the node was made. */
function hoursOf(node: ClusterNode, { hours, day }: MachineDay, shared: boolean): Decimal {
  if (hours !== undefined && hours > 0n) return shared ? hours : min(hours, HOURS_PER_DAY);
  if (shared) return ZERO;
  const start = Date.parse(`${day}T00:00:00Z`);
  const made = Date.parse(node.object.metadata.creationTimestamp ?? "");
  const seconds = (start + 86_400_000 - Math.max(start, Number.isNaN(made) ? start : made)) / 1000;
  return divide(fromInteger(Math.max(0, Math.round(seconds))), fromInteger(3600));
}

function withPeers(nodes: readonly ClusterNode[], own: ReadonlyMap<string, NodePrice>): Map<string, NodePrice> {
  const prices = new Map(own);
  for (const peers of Map.groupBy(nodes, likeness).values()) {
    const known = peers.flatMap(({ ref }) => own.get(ref.name) ?? []);
    if (known.length === 0 || peers[0]?.instanceType === undefined) continue;
    const count = fromInteger(known.length);
    const perHour = divide(sum(known.map((price) => price.perHour)), count);
    const committedPerHour = min(perHour, divide(sum(known.map((price) => price.committedPerHour)), count));
    for (const { ref } of peers)
      if (!own.has(ref.name)) prices.set(ref.name, { node: ref.name, perHour, committedPerHour, source: "bill" });
  }
  return prices;
}

function likeness({ instanceType, region, capacityType }: ClusterNode): string {
  return JSON.stringify([instanceType, region, capacityType]);
}
