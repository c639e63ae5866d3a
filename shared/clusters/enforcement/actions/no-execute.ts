import { taintPointer } from "../pointers.ts";
import type { NodeAction, Verdict } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";
import { kubectl } from "./common/kubectl.ts";
import { BUDGET_TAINT, nodeRefusal, taintValue } from "./common/nodes.ts";

const EFFECT = "NoExecute";

/** Row 17, for two people: drives every pod that does not tolerate it off the node, disruption budgets or not. */
export const noExecute: NodeAction = {
  name: "no-execute",
  rung: "human",
  about: "node",
  propose(subject, { inventory, want }): Verdict {
    const { node } = subject;
    const refused = nodeRefusal(subject);
    if (refused !== undefined) return { leftOut: refused };
    const value = taintValue(want);
    const pointer = taintPointer(BUDGET_TAINT, EFFECT);
    const on = inventory.workloads
      .flatMap(({ pods }) => pods)
      .concat(inventory.loosePods)
      .filter((pod) => pod.node === node.ref.name && !pod.daemon);
    return proposeFields(
      inventory.cluster,
      node.object,
      { [pointer]: { key: BUDGET_TAINT, value, effect: EFFECT } },
      {
        reverse: "removes our taint; the pods that it drove away are where the scheduler put them, or gone",
        pods: on.length,
        commands: [kubectl(inventory.cluster, "taint", "nodes", node.ref.name, `${BUDGET_TAINT}=${value}:${EFFECT}`)],
        remarks: ["disruption budgets do not hold it up", "pods with tolerationSeconds stay as long as that says"],
      },
    );
  },
};
