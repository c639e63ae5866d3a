import { KubeFailure } from "../failure.ts";
import { isTree, listOf, textAt, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Key, keyOf, type World } from "../world.ts";

export const CONTROLLER_MANAGER = "kube-controller-manager";

export function isReady(pod: KubeObject): boolean {
  const conditions = listOf(treeOf(pod.status)["conditions"]);
  return conditions.some((each) => isTree(each) && each["type"] === "Ready" && each["status"] === "True");
}

export function isOver(pod: KubeObject): boolean {
  return ["Succeeded", "Failed"].includes(textAt(pod.status, "phase") ?? "");
}

/** What an object's controller calls its own: the pods, or the ReplicaSets, that name it. */
export function childrenOf(owner: KubeObject, kind: string, world: World): KubeObject[] {
  return world.store
    .ownedBy(owner.metadata.uid ?? "")
    .filter((child) => child.kind.kind === kind)
    .map(({ object }) => object)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The key of an object's controller, if that is of this kind. */
export function controllerKey(object: KubeObject, kind: string): Key[] {
  const owner = object.metadata.ownerReferences?.find((each) => each.controller === true && each.kind === kind);
  return owner === undefined ? [] : [{ namespace: object.metadata.namespace ?? "", name: owner.name }];
}

export function ownedBy(owner: KubeObject): KubeObject["metadata"]["ownerReferences"] {
  const { apiVersion, kind } = owner;
  const { name, uid = "" } = owner.metadata;
  return [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

/** A pod of a template; the refusal when admission refuses it. */
export function createPod(owner: KubeObject, template: Tree, name: string, world: World, labels: Tree = {}) {
  const metadata = treeOf(template["metadata"]);
  const isNumbered = owner.kind === "StatefulSet";
  const { annotations } = metadata;
  return world.create(CONTROLLER_MANAGER, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      ...(isNumbered ? {} : { generateName: `${keyOf(owner).name}-` }),
      namespace: keyOf(owner).namespace,
      labels: { ...treeOf(metadata["labels"]), ...labels } as Record<string, string>,
      ...(isTree(annotations) ? { annotations: annotations as Record<string, string> } : {}),
      ownerReferences: ownedBy(owner) ?? [],
    },
    spec: treeOf(template["spec"]),
  });
}

/** Adds or removes pods until there are so many; the refusal that stopped it. The not ready ones go first, then the youngest. */
export function scalePods(
  owner: KubeObject,
  wanted: number,
  world: World,
  make: (index: number) => KubeObject | KubeFailure,
): KubeFailure | undefined {
  const pods = childrenOf(owner, "Pod", world).filter((pod) => !isOver(pod));
  const order = [...pods].sort((a, b) => Number(isReady(b)) - Number(isReady(a)));
  for (const pod of order.slice(wanted)) world.remove(CONTROLLER_MANAGER, pod);
  for (let count = pods.length; count < wanted; count++) {
    const made = make(count);
    if (made instanceof KubeFailure) return made;
  }
  return undefined;
}

/** `{type, status, reason}` with the time it last turned; put in place of the one of its type. */
export function withCondition(
  status: Tree,
  condition: { type: string; status: string; reason: string },
  at: string,
): Tree {
  const conditions = listOf(status["conditions"]).filter(isTree);
  const old = conditions.find((each) => each["type"] === condition.type);
  const same = old?.["status"] === condition.status && old["reason"] === condition.reason;
  const fresh = same ? old : { ...condition, lastTransitionTime: at };
  return {
    ...status,
    conditions: old === undefined ? [...conditions, fresh] : conditions.map((each) => (each === old ? fresh : each)),
  };
}
