import { listOf, numberAt, textAt, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Controller, isKind, keyOf, versionsOf, type World } from "../world.ts";
import { CONTROLLER_MANAGER, withCondition } from "./pods.ts";

const AUTOSCALING = "autoscaling/v2";
const HPA = "HorizontalPodAutoscaler";

/** The workload that an HPA or a ScaledObject names. */
export function targetOf(ref: unknown, namespace: string, world: World): KubeObject | undefined {
  const kind = world.kind(textAt(ref, "apiVersion") ?? "apps/v1", textAt(ref, "kind") ?? "Deployment");
  return kind && world.store.get(kind, namespace, textAt(ref, "name") ?? "");
}

/** Sets the count through `/scale`, as autoscalers do. */
export function scaleTo(manager: string, target: KubeObject, replicas: number, world: World): void {
  if (numberAt(target.spec, "replicas") === replicas) return;
  world.write(
    manager,
    target,
    (draft) => {
      draft.spec = { ...draft.spec, replicas };
    },
    "scale",
  );
}

/**
 * An HPA without metrics: it keeps the count within its limits, and does nothing for a workload at 0, which it does not wake: a minimum of 0
 * switches it on there too, but then nothing asks for more.
 */
export const autoscalers: Controller = {
  name: "autoscalers",
  concerns(change, world) {
    if (isKind(change, AUTOSCALING, HPA)) return versionsOf(change).map(keyOf);
    const kind = world.kind(AUTOSCALING, HPA);
    if (!change.kind.scale || kind === undefined) return [];
    const [object] = versionsOf(change);
    if (object === undefined) return [];
    const { namespace, name } = keyOf(object);
    return world.store
      .list(kind, namespace)
      .filter(({ spec }) => {
        const ref = treeOf(spec?.["scaleTargetRef"]);
        return ref["name"] === name && ref["kind"] === object.kind;
      })
      .map(keyOf);
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind(AUTOSCALING, HPA);
    const hpa = kind && world.store.get(kind, namespace, name);
    if (hpa === undefined) return;
    const target = targetOf(hpa.spec?.["scaleTargetRef"], namespace, world);
    const current = target === undefined ? 0 : (numberAt(target.spec, "replicas") ?? 1);
    const min = numberAt(hpa.spec, "minReplicas") ?? 1;
    const max = numberAt(hpa.spec, "maxReplicas") ?? 1;
    const off = current === 0 && min !== 0;
    const desired = off ? 0 : Math.min(max, Math.max(min, current));
    if (target !== undefined && !off) scaleTo(CONTROLLER_MANAGER, target, desired, world);
    report(hpa, { found: target !== undefined, off, current, desired }, world);
  },
};

interface Seen {
  found: boolean;
  off: boolean;
  current: number;
  desired: number;
}

function report(hpa: KubeObject, { found, off, current, desired }: Seen, world: World): void {
  const at = world.instant();
  world.write(
    CONTROLLER_MANAGER,
    hpa,
    (draft) => {
      const conditions = listOf(treeOf(draft.status)["conditions"]);
      const before: Tree = conditions.length === 0 ? {} : { conditions };
      if (!found) {
        const failed = { type: "AbleToScale", status: "False", reason: "FailedGetScale" };
        draft.status = withCondition({ ...before, currentReplicas: 0, desiredReplicas: 0 }, failed, at);
        return;
      }
      const able = { type: "AbleToScale", status: "True", reason: "SucceededGetScale" };
      const metric = textAt(listOf(draft.spec?.["metrics"])[0], "type") ?? "Resource";
      const reason = off ? "ScalingDisabled" : `FailedGet${metric}Metric`;
      // Without metrics it wishes only what the limits demand.
      const wished = desired === current && !off ? (numberAt(draft.status, "desiredReplicas") ?? 0) : desired;
      const observedGeneration = draft.metadata.generation ?? 1;
      const counts = { ...before, observedGeneration, currentReplicas: current, desiredReplicas: wished };
      draft.status = withCondition(
        withCondition(counts, able, at),
        { type: "ScalingActive", status: "False", reason },
        at,
      );
    },
    "status",
  );
}
