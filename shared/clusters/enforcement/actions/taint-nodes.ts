import { taintPointer } from "../pointers.ts";
import type { NodeAction, Verdict } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";
import { kubectl } from "./common/kubectl.ts";
import { BUDGET_TAINT, isSchedulable, taintValue } from "./common/nodes.ts";

const EFFECT = "NoSchedule";

/**
 * Row 7: nothing new comes onto a node of an opted-in pool; what runs there stays. Where an autoscaler would answer with a new node, which
 * lacks the taint, it would cost more instead of less.
 */
export const taintNodes: NodeAction = {
  name: "taint-nodes",
  rung: "freeze",
  about: "node",
  propose({ node, siblings, pool, isGrowthCapped }, { inventory, want }): Verdict {
    if (pool === undefined || pool.optIn === "none") return "not-mine";
    if (node.taints.some(({ key, effect }) => key === BUDGET_TAINT && effect === EFFECT)) return "done";
    if (!isSchedulable(node)) return "done";
    if (!isGrowthCapped) {
      return {
        leftOut: "its autoscaler would add a node without the taint",
        hint: "cap the pool's limits first (row 6)",
      };
    }
    if (!siblings.some((each) => each !== node && isSchedulable(each))) {
      return { leftOut: `it is the last node of pool ${pool.name} that takes pods` };
    }
    const value = taintValue(want);
    const pointer = taintPointer(BUDGET_TAINT, EFFECT);
    return proposeFields(
      inventory.cluster,
      node.object,
      { [pointer]: { key: BUDGET_TAINT, value, effect: EFFECT } },
      {
        reverse: "removes our taint only",
        pods: 0,
        commands: [kubectl(inventory.cluster, "taint", "nodes", node.ref.name, `${BUDGET_TAINT}=${value}:${EFFECT}`)],
        remarks: ["nodes that are added later do not carry the taint", "pods that are replaced need room elsewhere"],
      },
    );
  },
};
