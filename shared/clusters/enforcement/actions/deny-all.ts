import type { NamespaceAction, Verdict } from "./common/action.ts";
import { ownObject, proposeObjects } from "./common/own-objects.ts";
import { isScaled } from "./common/replicas.ts";

/**
 * Row 14: no new pods at all. Running ones stay, and whatever replaces one fails too; hence only where something in the namespace has no lever
 * of its own (bare pods, replicas that Git owns), and never without a person's approval.
 */
export const denyAll: NamespaceAction = {
  name: "deny-all",
  rung: "block",
  about: "namespace",
  propose({ namespace, workloads, loosePods, spared, held }, { inventory, stepId }): Verdict {
    const outOfReach = workloads.some(
      (each) => isScaled(each) && each.git?.ownsReplicas === true && each.replicaOwner.kind !== "keda",
    );
    if (!loosePods.some(({ daemon }) => !daemon) && !outOfReach) return "not-mine";
    if (held > 0) return "done";
    const kept = spared[0] ?? workloads.find(({ replicaOwner }) => replicaOwner.kind === "operator");
    if (kept !== undefined) {
      return { leftOut: `refusing all new pods would also hit ${kept.kind} ${kept.ref.name}, which is let alone` };
    }
    const place = { name: `genops-block-${stepId.slice(0, 8)}`, namespace: namespace.name };
    const quota = ownObject({ apiVersion: "v1", kind: "ResourceQuota" }, place, stepId, { hard: { pods: "0" } });
    return proposeObjects(inventory.cluster, [quota], {
      reverse: "deletes the quota",
      remarks: ["running pods stay; a pod that crashes or moves does not come back before the restore"],
    });
  },
};
