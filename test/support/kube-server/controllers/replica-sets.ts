import { numberAt, treeOf } from "../tree.ts";
import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
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

/** ReplicaSet → pods. */
export const replicaSets: Controller = {
  name: "replicasets",
  concerns(change) {
    if (isKind(change, "apps/v1", "ReplicaSet")) return versionsOf(change).map(keyOf);
    return change.kind.kind === "Pod" ? versionsOf(change).flatMap((pod) => controllerKey(pod, "ReplicaSet")) : [];
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind("apps/v1", "ReplicaSet");
    const set = kind && world.store.get(kind, namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const template = treeOf(set.spec?.["template"]);
    const refusal = scalePods(set, numberAt(set.spec, "replicas") ?? 1, world, () =>
      createPod(set, template, `${name}-${world.suffix()}`, world),
    );
    const pods = childrenOf(set, "Pod", world).filter((pod) => !isOver(pod));
    const ready = pods.filter(isReady).length;
    world.write(
      CONTROLLER_MANAGER,
      set,
      (draft) => {
        const counts = {
          replicas: pods.length,
          terminatingReplicas: 0,
          ...(pods.length === 0 ? {} : { fullyLabeledReplicas: pods.length }),
          ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
          observedGeneration: set.metadata.generation ?? 1,
        };
        const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate" };
        draft.status = refusal === undefined ? counts : withCondition(counts, failure, world.instant());
      },
      "status",
    );
  },
};
