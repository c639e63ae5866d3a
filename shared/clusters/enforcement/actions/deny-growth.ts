import type { NamespaceAction, Verdict } from "./common/action.ts";
import { growthPolicy } from "./common/growth-policy.ts";
import { proposeObjects } from "./common/own-objects.ts";

/**
 * Row 1: admission refuses more replicas, and new workloads, to everybody but the cluster itself. It warns for one run first. Pods are never
 * refused, so that crashed ones return.
 */
export const denyGrowth: NamespaceAction = {
  name: "deny-growth",
  rung: "freeze",
  about: "namespace",
  propose({ namespace, spared, held }, { inventory, stepId, want }): Verdict {
    if (!inventory.features.admissionPolicies) return "not-mine";
    if (held > 1) return "done";
    const isWarning = held === 0;
    const objects = growthPolicy({
      stepId,
      namespace: namespace.name,
      reason: want.budget ?? want.policy,
      spared,
      isWarning,
      hasRollouts: inventory.features.rollouts,
    });
    return proposeObjects(inventory.cluster, objects, {
      reverse: "deletes the binding, then the policy",
      remarks: [
        isWarning ? "warns and audits for one run; the next one denies" : "denies what it warned of in the run before",
        "autoscalers are capped by steps of their own",
      ],
    });
  },
};
