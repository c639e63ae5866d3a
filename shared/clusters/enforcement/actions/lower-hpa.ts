import type { Verdict, WorkloadAction } from "./common/action.ts";
import { autoscaledOf, proposeBounds } from "./common/autoscalers.ts";
import { floorOf, needsOptIn, targetOf } from "./common/replicas.ts";

/** Row 8: the autoscaler scales to the floor and stays there. Replicas are its business, so they are not touched. */
export const lowerHpa: WorkloadAction = {
  name: "lower-hpa",
  rung: "throttle",
  about: "workload",
  propose(subject, context): Verdict {
    const scaled = autoscaledOf(subject);
    if (scaled === undefined) return "not-mine";
    const { workload } = subject;
    const refused = needsOptIn(workload);
    if (refused !== undefined) return refused;
    const floor = floorOf(workload, context.settings);
    // What runs at its floor already need only be kept from growing (row 3).
    if (workload.replicas <= floor) return "not-mine";
    const { target, isPart } = targetOf(workload.replicas, floor, context.mostPods);
    return proposeBounds(
      subject,
      scaled,
      {
        min: Math.min(scaled.min, target),
        max: Math.min(scaled.max, target),
        reverse: `gives the autoscaler its bounds ${scaled.min} to ${scaled.max} back, unless somebody changed them meanwhile`,
        pods: workload.replicas - target,
        frees: workload.ref.uid,
        isPart,
      },
      context,
    );
  },
};
