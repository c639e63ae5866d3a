import type { KubeObject } from "../../../connections/types.ts";
import { numberAt, textAt } from "../../../inventory/fields.ts";
import { gitOwnerOf } from "../../../inventory/git-owner.ts";
import type { ActionContext, Verdict, WorkloadSubject } from "./action.ts";
import { proposeFields } from "./fields-step.ts";
import { gitRule } from "./git.ts";

export const HPA_FIELDS = ["/spec/minReplicas", "/spec/maxReplicas"] as const;

/** The HorizontalPodAutoscaler that decides the workload's replicas, and its bounds now. */
export interface Autoscaled {
  hpa: KubeObject;
  /** One where it is not set. */
  min: number;
  max: number;
  current: number;
}

export function autoscaledOf({ workload }: WorkloadSubject): Autoscaled | undefined {
  if (workload.replicaOwner.kind !== "hpa") return undefined;
  const hpa = workload.replicaOwner.autoscaler;
  return {
    hpa,
    min: numberAt(hpa, "spec", "minReplicas") ?? 1,
    max: numberAt(hpa, "spec", "maxReplicas") ?? 1,
    current: numberAt(hpa, "status", "currentReplicas") ?? workload.replicas,
  };
}

interface Bounds {
  min: number;
  max: number;
  reverse: string;
  pods: number;
  /** Uid of the workload whose pods go. */
  frees?: string;
  isPart?: boolean;
}

/** Sets both bounds in one request, so that min ≤ max holds at every instant; min is only named where it changes. */
export function proposeBounds(
  subject: WorkloadSubject,
  { hpa, min }: Autoscaled,
  to: Bounds,
  context: ActionContext,
): Verdict {
  const refused = notOurs(hpa, subject);
  if (refused !== undefined) return { leftOut: refused };
  const rule = gitRule(gitOwnerOf(hpa, "HorizontalPodAutoscaler"), hpa, HPA_FIELDS, context.settings);
  if ("leftOut" in rule) return rule;
  const wanted = {
    ...(to.min === min ? {} : { "/spec/minReplicas": to.min }),
    "/spec/maxReplicas": to.max,
    ...rule.extra,
  };
  return proposeFields(context.inventory.cluster, hpa, wanted, {
    reverse: to.reverse,
    pods: to.pods,
    ...(to.frees === undefined ? {} : { frees: { uid: to.frees, pods: to.pods } }),
    ...(to.isPart === true ? { isPart: true } : {}),
    remarks: rule.remarks,
  });
}

function notOurs(hpa: KubeObject, { workload }: WorkloadSubject): string | undefined {
  const scaledObject = hpa.metadata.ownerReferences?.find(({ kind }) => kind === "ScaledObject");
  if (scaledObject !== undefined) return `its autoscaler belongs to ScaledObject ${scaledObject.name}`;
  const target = ["kind", "name"].map((key) => textAt(hpa, "spec", "scaleTargetRef", key)).join(" ");
  const own = `${workload.ref.kind} ${workload.ref.name}`;
  if (target !== own || hpa.metadata.namespace !== workload.ref.namespace)
    return `its autoscaler is for ${target}, not for it`;
  return undefined;
}
