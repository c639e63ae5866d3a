import { annotationPointer } from "../pointers.ts";
import type { Verdict, WorkloadAction } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";
import { PAUSED, PAUSED_SCALE_OUT, pausedReplicas, scaledObjectOf } from "./common/keda.ts";

const VERSION =
  "needs KEDA 2.18.2 or later; where it does not report the condition Paused, the step counts as failed and is put back";

/** Row 4: KEDA may scale in, not out. Its HPA stays. */
export const pauseKedaScaleOut: WorkloadAction = {
  name: "pause-keda-scale-out",
  rung: "freeze",
  about: "workload",
  propose(subject, { inventory }): Verdict {
    const scaledObject = scaledObjectOf(subject);
    if (scaledObject === undefined) return "not-mine";
    const isPaused =
      scaledObject.metadata.annotations?.[PAUSED] === "true" || pausedReplicas(scaledObject) !== undefined;
    if (isPaused) return "done";
    return proposeFields(
      inventory.cluster,
      scaledObject,
      { [annotationPointer(PAUSED_SCALE_OUT)]: "true" },
      {
        reverse: "puts the annotation back as it was",
        pods: 0,
        remarks: [VERSION],
      },
    );
  },
};
