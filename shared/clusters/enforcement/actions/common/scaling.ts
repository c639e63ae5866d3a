import type { ActionContext, Verdict, WorkloadSubject } from "./action.ts";
import { proposeFields } from "./fields-step.ts";
import { gitRule } from "./git.ts";
import { scaleCommand } from "./kubectl.ts";
import { needsOptIn, ownedElsewhere, pods, targetOf } from "./replicas.ts";

/** Fewer replicas of a Deployment, StatefulSet or Rollout; with scale-only rights through the scale subresource. */
export function proposeReplicas(
  { workload }: WorkloadSubject,
  wanted: number,
  reverse: string,
  context: ActionContext,
): Verdict {
  if (workload.replicas <= wanted) return "done";
  const refused = ownedElsewhere(workload) ?? needsOptIn(workload);
  if (refused !== undefined) return refused;
  const rule = gitRule(workload.git, workload.object, ["/spec/replicas"], context.settings);
  if ("leftOut" in rule) return rule;
  const { target, isPart } = targetOf(workload.replicas, wanted, context.mostPods);
  const goes = workload.replicas - target;
  const { cluster } = context.inventory;
  const scale = scaleCommand(cluster, workload.ref, workload.replicas, target);
  const remarks = [
    ...(isPart ? [`a part: ${pods(target - wanted)} more in later runs`] : []),
    ...(workload.kind === "StatefulSet" ? ["its volumes stay"] : []),
    ...rule.remarks,
  ];
  const verdict = proposeFields(
    cluster,
    workload.object,
    { "/spec/replicas": target, ...rule.extra },
    {
      reverse,
      pods: goes,
      frees: { uid: workload.ref.uid, pods: goes },
      ...(isPart ? { isPart: true } : {}),
      remarks,
    },
  );
  if (typeof verdict === "string" || "leftOut" in verdict) return verdict;
  const commands = Object.keys(rule.extra).length === 0 ? [scale] : verdict.step.commands;
  return { step: { ...verdict.step, commands } };
}
