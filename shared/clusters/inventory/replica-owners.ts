import type { KubeObject } from "../connections/types.ts";
import { textAt, valueAt } from "./fields.ts";
import { controllerOf } from "./owner-chain.ts";
import type { ReplicaOwner, WorkloadKind } from "./types.ts";

/** Finds who decides a workload's replica count; always within its namespace. */
export interface ReplicaOwners {
  of(object: KubeObject, target: { apiVersion: string; kind: WorkloadKind }): ReplicaOwner;
  /** Two autoscalers of one target, in words. */
  problems: readonly string[];
}

/** `reference/kubernetes.md` §3.2: a ScaledObject before the HPA that KEDA makes of it, an HPA, a controller above (also of the HPA), nobody. */
export function createReplicaOwners({
  autoscalers,
  scaledObjects,
}: {
  autoscalers: readonly KubeObject[];
  scaledObjects: readonly KubeObject[];
}): ReplicaOwners {
  const problems: string[] = [];
  const byTarget = new Map<string, KubeObject>();
  for (const autoscaler of autoscalers) keep(byTarget, autoscaler, problems);
  const scaled = new Map<string, KubeObject>();
  for (const scaledObject of scaledObjects) keep(scaled, scaledObject, problems);
  return {
    problems,
    of(object, target) {
      const key = keyOf(object.metadata.namespace, groupOf(target.apiVersion), target.kind, object.metadata.name);
      const autoscaler = byTarget.get(key);
      const scaledObject = scaled.get(key);
      if (scaledObject !== undefined)
        return { kind: "keda", scaledObject, ...(autoscaler === undefined ? {} : { autoscaler }) };
      if (autoscaler !== undefined) return operatorOf(autoscaler) ?? { kind: "hpa", autoscaler };
      return operatorOf(object) ?? queueOf(object) ?? { kind: "nobody" };
    },
  };
}

function keep(table: Map<string, KubeObject>, object: KubeObject, problems: string[]): void {
  const target = valueAt(object, "spec", "scaleTargetRef");
  const name = textAt(target, "name");
  if (name === undefined) return;
  // KEDA's defaults; an HPA always names both.
  const group = groupOf(textAt(target, "apiVersion") ?? "apps/v1");
  const kind = textAt(target, "kind") ?? "Deployment";
  const key = keyOf(object.metadata.namespace, group, kind, name);
  const other = table.get(key);
  if (other === undefined) table.set(key, object);
  else
    problems.push(
      `${kind} ${object.metadata.namespace ?? ""}/${name} is the target of two: ${object.kind} ${other.metadata.name} and ${object.metadata.name}`,
    );
}

/** A CronJob does not fight over its Jobs; every other controller above an object puts back what it wants. */
function operatorOf(object: KubeObject): ReplicaOwner | undefined {
  const owner = controllerOf(object);
  if (owner === undefined || (object.kind === "Job" && owner.kind === "CronJob")) return undefined;
  const { apiVersion, kind, name } = owner;
  return { kind: "operator", owner: { apiVersion, kind, name } };
}

/** Kueue suspends and resumes the Jobs of its queues. */
function queueOf({ kind, metadata }: KubeObject): ReplicaOwner | undefined {
  const name = metadata.labels?.["kueue.x-k8s.io/queue-name"];
  if (kind !== "Job" || name === undefined) return undefined;
  return { kind: "operator", owner: { apiVersion: "kueue.x-k8s.io/v1beta1", kind: "LocalQueue", name } };
}

export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

function keyOf(namespace: string | undefined, group: string, kind: string, name: string): string {
  return `${namespace ?? ""}/${group}/${kind}/${name}`;
}
