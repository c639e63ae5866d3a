import type { Verdict, WorkloadAction } from "./common/action.ts";
import { proposeHold, scaledObjectOf } from "./common/keda.ts";
import { floorOf } from "./common/replicas.ts";

/** Row 10: KEDA holds the floor. What runs at it or below is not scaled up to it: for that, growth is stopped (row 4). */
export const holdKeda: WorkloadAction = {
  name: "hold-keda",
  rung: "throttle",
  about: "workload",
  propose(subject, context): Verdict {
    const scaledObject = scaledObjectOf(subject);
    const floor = floorOf(subject.workload, context.settings);
    if (scaledObject === undefined || subject.workload.replicas <= floor) return "not-mine";
    return proposeHold(subject, scaledObject, floor, context);
  },
};
