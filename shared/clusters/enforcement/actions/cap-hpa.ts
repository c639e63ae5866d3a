import type { Verdict, WorkloadAction } from "./common/action.ts";
import { autoscaledOf, proposeBounds } from "./common/autoscalers.ts";

/** Row 3: the autoscaler may not go above what runs now. Nothing stops; what would have come does not come. */
export const capHpa: WorkloadAction = {
  name: "cap-hpa",
  rung: "freeze",
  about: "workload",
  propose(subject, context): Verdict {
    const scaled = autoscaledOf(subject);
    if (scaled === undefined) return "not-mine";
    const max = Math.max(1, scaled.current);
    if (scaled.max <= max) return "done";
    return proposeBounds(
      subject,
      scaled,
      {
        min: Math.min(scaled.min, max),
        max,
        reverse: `gives the autoscaler its bounds ${scaled.min} to ${scaled.max} back, unless somebody changed them meanwhile`,
        pods: scaled.max - max,
      },
      context,
    );
  },
};
