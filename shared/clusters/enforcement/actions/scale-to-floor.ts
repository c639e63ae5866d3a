import type { Verdict, WorkloadAction } from "./common/action.ts";
import { floorOf, isScaled } from "./common/replicas.ts";
import { proposeReplicas } from "./common/scaling.ts";

/** Row 9: as few replicas as keep it alive. Only where nobody else decides about them. */
export const scaleToFloor: WorkloadAction = {
  name: "scale-to-floor",
  rung: "throttle",
  about: "workload",
  propose(subject, context): Verdict {
    const { workload } = subject;
    const { kind } = workload.replicaOwner;
    if (!isScaled(workload) || kind === "hpa" || kind === "keda") return "not-mine";
    const reverse = `scales it to ${workload.replicas} again, unless somebody changed it meanwhile`;
    return proposeReplicas(subject, floorOf(workload, context.settings), reverse, context);
  },
};
