import type { Verdict, WorkloadAction } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";
import { gitRule } from "./common/git.ts";
import { ownedElsewhere } from "./common/replicas.ts";

const MISSED =
  "runs that are missed while it is suspended are not made up for: more than 100, or past startingDeadlineSeconds";

/** Row 5: no new runs; those that run now end by themselves. */
export const suspendCronJob: WorkloadAction = {
  name: "suspend-cron-job",
  rung: "freeze",
  about: "workload",
  propose({ workload }, { inventory, settings }): Verdict {
    if (workload.kind !== "CronJob") return "not-mine";
    if (workload.suspended) return "done";
    const refused = ownedElsewhere(workload);
    if (refused !== undefined) return refused;
    const rule = gitRule(workload.git, workload.object, ["/spec/suspend"], settings);
    if ("leftOut" in rule) return rule;
    return proposeFields(
      inventory.cluster,
      workload.object,
      { "/spec/suspend": true, ...rule.extra },
      {
        reverse: "lets it run at its times again",
        pods: 0,
        remarks: [MISSED, ...rule.remarks],
      },
    );
  },
};
