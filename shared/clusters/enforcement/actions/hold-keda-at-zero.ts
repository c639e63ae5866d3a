import type { Verdict, WorkloadAction } from "./common/action.ts";
import { proposeHold, scaledObjectOf } from "./common/keda.ts";

/** Row 13: KEDA holds nothing; also what sleeps now does not wake. */
export const holdKedaAtZero: WorkloadAction = {
  name: "hold-keda-at-zero",
  rung: "block",
  about: "workload",
  propose(subject, context): Verdict {
    const scaledObject = scaledObjectOf(subject);
    return scaledObject === undefined ? "not-mine" : proposeHold(subject, scaledObject, 0, context);
  },
};
