import { listOf, textAt, treeOf } from "../tree.ts";
import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
import { CONTROLLER_MANAGER, childrenOf, controllerKey, createPod, isReady } from "./pods.ts";

/** DaemonSet → a pod on every node without taints. */
export const daemonSets: Controller = {
  name: "daemonsets",
  concerns(change, world) {
    if (isKind(change, "apps/v1", "DaemonSet")) return versionsOf(change).map(keyOf);
    const kind = world.kind("apps/v1", "DaemonSet");
    if (isKind(change, "v1", "Node") && kind !== undefined) return world.store.list(kind).map(keyOf);
    return change.kind.kind === "Pod" ? versionsOf(change).flatMap((pod) => controllerKey(pod, "DaemonSet")) : [];
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind("apps/v1", "DaemonSet");
    const nodeKind = world.kind("v1", "Node");
    const set = kind && world.store.get(kind, namespace, name);
    if (set === undefined || nodeKind === undefined || set.metadata.deletionTimestamp !== undefined) return;
    const open = world.store.list(nodeKind).filter((node) => listOf(node.spec?.["taints"]).length === 0);
    const names = open.map(({ metadata }) => metadata.name);
    const pods = childrenOf(set, "Pod", world);
    for (const pod of pods) {
      if (!names.includes(textAt(pod.spec, "nodeName") ?? "")) world.remove(CONTROLLER_MANAGER, pod);
    }
    const covered = new Set(pods.map((pod) => textAt(pod.spec, "nodeName")));
    const template = treeOf(set.spec?.["template"]);
    for (const nodeName of names.filter((each) => !covered.has(each))) {
      const placed = { ...template, spec: { ...treeOf(template["spec"]), nodeName } };
      createPod(set, placed, `${name}-${world.suffix()}`, world);
    }
    const there = childrenOf(set, "Pod", world);
    const ready = there.filter(isReady).length;
    world.write(
      CONTROLLER_MANAGER,
      set,
      (draft) => {
        draft.status = {
          currentNumberScheduled: there.length,
          desiredNumberScheduled: names.length,
          numberMisscheduled: 0,
          numberReady: ready,
          ...(ready === 0 ? {} : { numberAvailable: ready }),
          observedGeneration: set.metadata.generation ?? 1,
          updatedNumberScheduled: there.length,
        };
      },
      "status",
    );
  },
};
