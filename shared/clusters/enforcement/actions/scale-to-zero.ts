import type { Verdict, WorkloadAction } from "./common/action.ts";
import { autoscaledOf } from "./common/autoscalers.ts";
import { isScaled } from "./common/replicas.ts";
import { proposeReplicas } from "./common/scaling.ts";

/**
 * Row 12: no replicas. An autoscaler above it is left alone: at zero it is off, and does not wake by itself (kubernetes#29212), so the
 * restore gives it at least one replica, within the autoscaler's bounds.
 */
export const scaleToZero: WorkloadAction = {
  name: "scale-to-zero",
  rung: "block",
  about: "workload",
  propose(subject, context): Verdict {
    const { workload } = subject;
    if (!isScaled(workload) || workload.replicaOwner.kind === "keda") return "not-mine";
    const scaled = autoscaledOf(subject);
    // Above zero an autoscaler would undo a part of the work: its bounds are lowered first (row 8).
    if (scaled !== undefined && workload.replicas > context.mostPods) return "not-mine";
    const back = scaled === undefined ? workload.replicas : clamp(workload.replicas, scaled.min, scaled.max);
    const reverse = `scales it to ${Math.max(1, back)} again, unless somebody changed it meanwhile`;
    return proposeReplicas(subject, 0, reverse, context);
  },
};

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
