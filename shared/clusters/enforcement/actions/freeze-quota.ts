import type { NamespaceAction, Verdict } from "./common/action.ts";
import { loadOf, quantity } from "./common/namespace-load.ts";
import { ownObject, proposeObjects } from "./common/own-objects.ts";

/**
 * Row 2: a quota of what the namespace has now. Where admission policies stop growth (row 1) it is for what they do not see: bare pods, and
 * whoever makes them.
 */
export const freezeQuota: NamespaceAction = {
  name: "freeze-quota",
  rung: "freeze",
  about: "namespace",
  propose(subject, { inventory, stepId }): Verdict {
    const { namespace, loosePods, spared, held } = subject;
    if (inventory.features.admissionPolicies && !loosePods.some(({ daemon }) => !daemon)) return "not-mine";
    if (held > 0) return "done";
    const [kept] = spared;
    if (kept !== undefined) {
      return { leftOut: `a quota would also stop ${kept.kind} ${kept.ref.name}, which is let alone` };
    }
    const load = loadOf(subject);
    const hard = {
      pods: String(load.pods),
      "count/jobs.batch": String(load.jobs),
      "requests.nvidia.com/gpu": quantity(load.gpu),
      ...(load.allHaveRequests ? { "requests.cpu": quantity(load.cpu), "requests.memory": quantity(load.memory) } : {}),
    };
    const place = { name: `genops-budget-${stepId.slice(0, 8)}`, namespace: namespace.name };
    const quota = ownObject({ apiVersion: "v1", kind: "ResourceQuota" }, place, stepId, { hard });
    return proposeObjects(inventory.cluster, [quota], {
      reverse: "deletes the quota",
      remarks: [
        "rollouts that need extra pods wait, and Jobs that have ended count until they are deleted",
        "with other quotas, the lower number holds",
      ],
    });
  },
};
