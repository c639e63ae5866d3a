import { milliOf, quantityOf } from "../quantity.ts";
import { treeOf, valueAt } from "../tree.ts";
import type { Tree } from "../types.ts";
import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
import { withCondition } from "./pods.ts";

const LABEL = "karpenter.sh/nodepool";

/** Karpenter's NodePool counts what its nodes have: `status.resources`. It adds and removes no nodes. */
export const karpenter: Controller = {
  name: "karpenter",
  concerns(change) {
    if (isKind(change, "karpenter.sh/v1", "NodePool")) return versionsOf(change).map(keyOf);
    if (!isKind(change, "v1", "Node")) return [];
    const pools = versionsOf(change).flatMap(({ metadata }) => metadata.labels?.[LABEL] ?? []);
    return pools.map((name) => ({ namespace: "", name }));
  },
  reconcile({ name }, world) {
    const kind = world.kind("karpenter.sh/v1", "NodePool");
    const nodeKind = world.kind("v1", "Node");
    const pool = kind && world.store.get(kind, "", name);
    if (pool === undefined || nodeKind === undefined) return;
    const nodes = world.store.list(nodeKind).filter(({ metadata }) => metadata.labels?.[LABEL] === name);
    const sums: Record<string, number> = { nodes: nodes.length * 1000 };
    const binary = new Set<string>();
    for (const node of nodes) {
      for (const [resource, amount] of Object.entries(treeOf(valueAt(node.status, "capacity")))) {
        sums[resource] = (sums[resource] ?? 0) + (milliOf(amount) ?? 0);
        if (String(amount).endsWith("i")) binary.add(resource);
      }
    }
    world.write(
      "karpenter",
      pool,
      (draft) => {
        const resources = Object.fromEntries(
          Object.entries(sums).map(([key, milli]) => [key, quantityOf(milli, binary.has(key))]),
        );
        const status: Tree = { ...treeOf(draft.status), resources, nodes: nodes.length };
        draft.status = withCondition(status, { type: "Ready", status: "True", reason: "Ready" }, world.instant());
      },
      "status",
    );
  },
};
