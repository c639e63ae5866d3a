import { listOf, numberAt, textAt, treeOf, valueAt } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Controller, isKind, keyOf, versionsOf, type World } from "../world.ts";
import {
  CONTROLLER_MANAGER,
  childrenOf,
  controllerKey,
  createPod,
  isOver,
  isReady,
  scalePods,
  withCondition,
} from "./pods.ts";

/** Job → pods, none while it is suspended. A pod ends when a test sets its phase. */
export const jobs: Controller = {
  name: "jobs",
  concerns(change) {
    if (isKind(change, "batch/v1", "Job")) return versionsOf(change).map(keyOf);
    return change.kind.kind === "Pod" ? versionsOf(change).flatMap((pod) => controllerKey(pod, "Job")) : [];
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind("batch/v1", "Job");
    const job = kind && world.store.get(kind, namespace, name);
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const template = treeOf(job.spec?.["template"]);
    const succeeded = childrenOf(job, "Pod", world).filter((pod) => textAt(pod.status, "phase") === "Succeeded").length;
    scalePods(job, wantedPods(job, succeeded), world, () =>
      createPod(job, template, `${name}-${world.suffix()}`, world),
    );
    report(job, succeeded, world);
  },
};

function isFinished(job: KubeObject): boolean {
  return listOf(treeOf(job.status)["conditions"]).some(
    (each) => ["Complete", "Failed"].includes(textAt(each, "type") ?? "") && textAt(each, "status") === "True",
  );
}

function wantedPods(job: KubeObject, succeeded: number): number {
  if (valueAt(job.spec, "suspend") === true || isFinished(job)) return 0;
  const parallelism = numberAt(job.spec, "parallelism") ?? 1;
  const completions = numberAt(job.spec, "completions");
  return completions === undefined ? parallelism : Math.min(parallelism, Math.max(0, completions - succeeded));
}

function report(job: KubeObject, succeeded: number, world: World): void {
  const active = childrenOf(job, "Pod", world).filter((pod) => !isOver(pod));
  const ready = active.filter(isReady).length;
  const suspended = valueAt(job.spec, "suspend") === true;
  const completions = numberAt(job.spec, "completions");
  const at = world.instant();
  world.write(
    CONTROLLER_MANAGER,
    job,
    (draft) => {
      const { conditions, startTime } = treeOf(draft.status);
      const started = suspended ? {} : { startTime: startTime ?? at };
      const counts: Tree = {
        ...(conditions === undefined ? {} : { conditions }),
        ...started,
        ...(active.length === 0 ? {} : { active: active.length }),
        ...(succeeded === 0 ? {} : { succeeded }),
        ready,
        terminating: 0,
        uncountedTerminatedPods: {},
      };
      draft.status = conditioned(
        counts,
        { suspended, complete: completions !== undefined && succeeded >= completions },
        at,
      );
    },
    "status",
  );
}

function conditioned(
  status: Tree,
  { suspended, complete }: { suspended: boolean; complete: boolean },
  at: string,
): Tree {
  const was = listOf(status["conditions"]).some((each) => textAt(each, "type") === "Suspended");
  if (complete) return withCondition(status, { type: "Complete", status: "True", reason: "CompletionsReached" }, at);
  if (suspended) return withCondition(status, { type: "Suspended", status: "True", reason: "JobSuspended" }, at);
  return was ? withCondition(status, { type: "Suspended", status: "False", reason: "JobResumed" }, at) : status;
}
