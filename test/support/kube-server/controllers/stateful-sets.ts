import { KubeFailure } from "../failure.ts";
import { numberAt, textAt, treeOf } from "../tree.ts";
import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
import { CONTROLLER_MANAGER, childrenOf, controllerKey, createPod, isReady } from "./pods.ts";

/** StatefulSet → pods `name-0` to `name-(n-1)`; the highest goes first. */
export const statefulSets: Controller = {
  name: "statefulsets",
  concerns(change) {
    if (isKind(change, "apps/v1", "StatefulSet")) return versionsOf(change).map(keyOf);
    return change.kind.kind === "Pod" ? versionsOf(change).flatMap((pod) => controllerKey(pod, "StatefulSet")) : [];
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind("apps/v1", "StatefulSet");
    const set = kind && world.store.get(kind, namespace, name);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const wanted = numberAt(set.spec, "replicas") ?? 1;
    const names = Array.from({ length: wanted }, (_, index) => `${name}-${index}`);
    const pods = new Map(childrenOf(set, "Pod", world).map((pod) => [pod.metadata.name, pod]));
    for (const [podName, pod] of pods) if (!names.includes(podName)) world.remove(CONTROLLER_MANAGER, pod);
    const template = treeOf(set.spec?.["template"]);
    for (const podName of names) {
      const labels = {
        "apps.kubernetes.io/pod-index": podName.slice(name.length + 1),
        "statefulset.kubernetes.io/pod-name": podName,
      };
      const pod = pods.get(podName) ?? createPod(set, template, podName, world, labels);
      if (pod instanceof KubeFailure) break;
      // One after the other: the next comes when this one is ready.
      const now = world.kind("v1", "Pod");
      const seen = now && world.store.get(now, namespace, podName);
      const inOrder = textAt(set.spec, "podManagementPolicy") !== "Parallel";
      if (inOrder && (seen === undefined || !isReady(seen))) break;
    }
    const left = childrenOf(set, "Pod", world);
    const ready = left.filter(isReady).length;
    const revision = `${name}-1`;
    world.write(
      CONTROLLER_MANAGER,
      set,
      (draft) => {
        draft.status = {
          observedGeneration: set.metadata.generation ?? 1,
          replicas: left.length,
          availableReplicas: ready,
          ...(ready === 0 ? {} : { readyReplicas: ready }),
          ...(left.length === 0 ? {} : { currentReplicas: left.length, updatedReplicas: left.length }),
          currentRevision: revision,
          updateRevision: revision,
          collisionCount: 0,
        };
      },
      "status",
    );
  },
};
