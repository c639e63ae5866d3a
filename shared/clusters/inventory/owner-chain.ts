import type { KubeObject, OwnerReference } from "../connections/types.ts";

/** The controller that manages an object, if one does. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Every object of a server has a uid; one from a file that lacks it is told apart by its place and name. */
export function uidOf({ kind, metadata: { uid, namespace = "", name } }: KubeObject): string {
  return uid ?? `${kind}/${namespace}/${name}`;
}

/** Follows controllers by uid, never by name. */
export interface OwnerChain {
  /** Uid of the workload that a pod belongs to, over its ReplicaSet where it has one. Undefined: none that we know. */
  workloadOf(pod: KubeObject): string | undefined;
}

export function createOwnerChain(workloads: ReadonlySet<string>, replicaSets: readonly KubeObject[]): OwnerChain {
  const above = new Map(replicaSets.map((object) => [uidOf(object), controllerOf(object)?.uid]));
  return {
    workloadOf(pod) {
      const owner = controllerOf(pod)?.uid;
      if (owner === undefined || workloads.has(owner)) return owner;
      const next = above.get(owner);
      return next !== undefined && workloads.has(next) ? next : undefined;
    },
  };
}
