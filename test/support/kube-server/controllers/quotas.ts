import { quotaStatus } from "../quota.ts";
import { type Controller, isKind, keyOf, versionsOf } from "../world.ts";
import { CONTROLLER_MANAGER } from "./pods.ts";

/** A ResourceQuota's status. */
export const quotas: Controller = {
  name: "quotas",
  concerns(change, world) {
    if (isKind(change, "v1", "ResourceQuota")) return versionsOf(change).map(keyOf);
    const kind = world.kind("v1", "ResourceQuota");
    const namespace = versionsOf(change)[0]?.metadata.namespace;
    return kind === undefined || namespace === undefined ? [] : world.store.list(kind, namespace).map(keyOf);
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind("v1", "ResourceQuota");
    const quota = kind && world.store.get(kind, namespace, name);
    if (quota === undefined) return;
    world.write(
      CONTROLLER_MANAGER,
      quota,
      (draft) => {
        draft.status = quotaStatus(quota, world.store, world.kinds);
      },
      "status",
    );
  },
};
