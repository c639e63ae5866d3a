import { createNamespaceProtection } from "../../inventory/protection.ts";
import type { ClusterNode, Namespace, NodePool, Pod, Workload } from "../../inventory/types.ts";
import type { Surroundings } from "./eligibility.ts";
import { inOrder } from "./order.ts";
import type { PlanInput } from "./types.ts";

/** The inventory as plans look things up, in an order that does not depend on the order of its lists. */
export interface World extends Surroundings {
  namespaces: readonly Namespace[];
  pools: readonly NodePool[];
  /** All, in the order in which they are acted on. */
  ordered: readonly Workload[];
  nodes: ReadonlyMap<string, ClusterNode>;
  workloadsOf(namespace: string): readonly Workload[];
  loosePodsOf(namespace: string): readonly Pod[];
}

export function worldOf({ inventory, priced, settings, now }: PlanInput): World {
  const ordered = inOrder(inventory.workloads, priced);
  const workloads = Map.groupBy(ordered, ({ ref }) => ref.namespace ?? "");
  const loosePods = Map.groupBy(inventory.loosePods, ({ namespace }) => namespace);
  return {
    now,
    namespaces: byName(inventory.namespaces),
    pools: byName(inventory.nodePools),
    ordered,
    nodes: new Map(inventory.nodes.map((node) => [node.ref.name, node])),
    workloadsOf: (namespace) => workloads.get(namespace) ?? [],
    loosePodsOf: (namespace) => loosePods.get(namespace) ?? [],
    isProtectedName: createNamespaceProtection(settings.protectedNamespaces),
  };
}

function byName<Named extends { name: string }>(all: readonly Named[]): Named[] {
  return all.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
