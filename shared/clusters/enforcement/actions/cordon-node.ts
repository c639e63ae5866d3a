import type { NodeAction, Verdict } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";
import { kubectl } from "./common/kubectl.ts";
import { nodeRefusal } from "./common/nodes.ts";

/** Row 15, for people: nothing new comes onto the node. One that somebody else has cordoned stays theirs. */
export const cordonNode: NodeAction = {
  name: "cordon-node",
  rung: "human",
  about: "node",
  propose(subject, { inventory }): Verdict {
    const { node } = subject;
    if (node.unschedulable) return { leftOut: "somebody has cordoned it already" };
    const refused = nodeRefusal(subject);
    if (refused !== undefined) return { leftOut: refused };
    return proposeFields(
      inventory.cluster,
      node.object,
      { "/spec/unschedulable": true },
      {
        reverse: "uncordons it, unless somebody changed it meanwhile",
        pods: 0,
        commands: [kubectl(inventory.cluster, "cordon", node.ref.name)],
        remarks: ["an autoscaler may add a node in its place"],
      },
    );
  },
};
