import type { KubeObject } from "../../../connections/types.ts";
import { annotationPointer } from "../../pointers.ts";
import type { ActionContext, Verdict, WorkloadSubject } from "./action.ts";
import { proposeFields } from "./fields-step.ts";
import { needsOptIn, pods, targetOf } from "./replicas.ts";

const PREFIX = "autoscaling.keda.sh/";
export const PAUSED = `${PREFIX}paused`;
export const PAUSED_REPLICAS = `${PREFIX}paused-replicas`;
export const PAUSED_SCALE_OUT = `${PREFIX}paused-scale-out`;

/** The ScaledObject that decides the workload's replicas. Its annotations are our lever also where Git owns the rest of it. */
export function scaledObjectOf({ workload }: WorkloadSubject): KubeObject | undefined {
  return workload.replicaOwner.kind === "keda" ? workload.replicaOwner.scaledObject : undefined;
}

/** What people (or we) have paused it at; undefined: it is not paused at a number. */
export function pausedReplicas({ metadata: { annotations = {} } }: KubeObject): number | undefined {
  const count = Number(annotations[PAUSED_REPLICAS] ?? Number.NaN);
  return Number.isInteger(count) ? count : undefined;
}

/**
 * KEDA scales to `wanted` and holds it there, its HPA gone meanwhile. Both annotations: versions before 2.13 bounce between 0 and 1 with only
 * one of them (kedacore/keda#5165).
 */
export function proposeHold(
  { workload }: WorkloadSubject,
  scaledObject: KubeObject,
  wanted: number,
  context: ActionContext,
): Verdict {
  const held = pausedReplicas(scaledObject);
  if (held !== undefined && held <= wanted) return "done";
  const refused = needsOptIn(workload);
  if (refused !== undefined) return refused;
  const { target, isPart } = targetOf(workload.replicas, wanted, context.mostPods);
  const goes = Math.max(0, workload.replicas - target);
  const fields = { [annotationPointer(PAUSED_REPLICAS)]: String(target), [annotationPointer(PAUSED)]: "true" };
  return proposeFields(context.inventory.cluster, scaledObject, fields, {
    reverse: "puts the annotations back as they were; KEDA makes its autoscaler again",
    pods: goes,
    frees: { uid: workload.ref.uid, pods: goes },
    ...(isPart ? { isPart: true } : {}),
    remarks: [
      "KEDA deletes its HPA while it is paused",
      ...(isPart ? [`a part: ${pods(target - wanted)} more in later runs`] : []),
    ],
  });
}
