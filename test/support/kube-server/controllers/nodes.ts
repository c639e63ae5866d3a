import { listOf, textAt, treeOf } from "../tree.ts";
import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
import { withCondition } from "./pods.ts";

/** A node that nobody reports on is ready as soon as it is there. */
export const nodes: Controller = {
  name: "nodes",
  concerns: (change) => (isKind(change, "v1", "Node") ? versionsOf(change).map(keyOf) : []),
  reconcile({ name }, world) {
    const kind = world.kind("v1", "Node");
    const node = kind && world.store.get(kind, "", name);
    if (node === undefined) return;
    if (listOf(treeOf(node.status)["conditions"]).some((each) => textAt(each, "type") === "Ready")) return;
    world.write(
      "kubelet",
      node,
      (draft) => {
        const ready = { type: "Ready", status: "True", reason: "KubeletReady" };
        draft.status = withCondition(treeOf(draft.status), ready, world.instant());
      },
      "status",
    );
  },
};
