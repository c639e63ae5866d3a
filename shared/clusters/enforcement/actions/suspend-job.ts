import type { Verdict, WorkloadAction } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";
import { gitRule } from "./common/git.ts";
import { ownedElsewhere } from "./common/replicas.ts";

/** Row 11: its pods go, and what they had not saved is lost; only with its owner's word. */
export const suspendJob: WorkloadAction = {
  name: "suspend-job",
  rung: "throttle",
  about: "workload",
  propose({ workload }, { inventory, settings }): Verdict {
    if (workload.kind !== "Job") return "not-mine";
    if (workload.suspended || workload.replicas === 0) return "done";
    const refused = ownedElsewhere(workload);
    if (refused !== undefined) return refused;
    if (!workload.allows.includes("job")) {
      return {
        leftOut: "suspending a Job kills its pods, and happens only where its owner allows it",
        hint: "annotate it with genops.ai/allow=job",
      };
    }
    const rule = gitRule(workload.git, workload.object, ["/spec/suspend"], settings);
    if ("leftOut" in rule) return rule;
    return proposeFields(
      inventory.cluster,
      workload.object,
      { "/spec/suspend": true, ...rule.extra },
      {
        reverse: "resumes it with new pods",
        pods: workload.replicas,
        frees: { uid: workload.ref.uid, pods: workload.replicas },
        remarks: ["its pods are killed; activeDeadlineSeconds counts from its resume on", ...rule.remarks],
      },
    );
  },
};
