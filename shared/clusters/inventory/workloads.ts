import type { KubeObject } from "../connections/types.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import { listAt, numberAt, textAt, textsAt, valueAt } from "./fields.ts";
import { gitOwnerOf } from "./git-owner.ts";
import type { GovernanceReader } from "./governance.ts";
import { UNKNOWN_NODE } from "./gpu-shares.ts";
import { controllerOf, uidOf } from "./owner-chain.ts";
import { hasVolumeClaim } from "./placement.ts";
import { podRequests, textsOf } from "./pod-resources.ts";
import { allowsOf, createNamespaceProtection, exemptionOf, isMarkedProtected, isSystemPriority } from "./protection.ts";
import type { QuantityReader } from "./quantities.ts";
import type { ReplicaOwners } from "./replica-owners.ts";
import type { Namespace, Pod, Workload, WorkloadClass, WorkloadKind } from "./types.ts";

export interface WorkloadSurroundings {
  cluster: string;
  quantities: QuantityReader;
  governance: GovernanceReader;
  namespaces: ReadonlyMap<string, Namespace>;
  protectedNamespaces: readonly string[];
  replicaOwners: ReplicaOwners;
  disruptionBudgets: DisruptionBudgets;
  /** PriorityClass of pods that name none. */
  defaultPriorityClass: string | undefined;
  pods: ReadonlyMap<string, readonly Pod[]>;
  problems: string[];
}

const NO_PODS: readonly Pod[] = [];

/** Reads workloads of one kind. */
export function createWorkloadReader(on: WorkloadSurroundings) {
  // A workload whose namespace could not be read is protected by the name of it all the same.
  const isProtectedName = createNamespaceProtection(on.protectedNamespaces);
  return (object: KubeObject, { apiVersion, kind }: { apiVersion: string; kind: WorkloadKind }): Workload => {
    const { name, namespace = "", labels = {} } = object.metadata;
    const home = on.namespaces.get(namespace);
    const template = templateOf(object, kind);
    const templateLabels = textsAt(template, "metadata", "labels");
    const spec = valueAt(template, "spec");
    const replicas = replicasOf(object, kind);
    const perReplica = textsOf(podRequests(spec, UNKNOWN_NODE, on.quantities), on.quantities);
    const priorityClass = textAt(spec, "priorityClassName") ?? on.defaultPriorityClass;
    const persistent = hasVolumeClaim(spec) || listAt(object, "spec", "volumeClaimTemplates").length > 0;
    const git = gitOwnerOf(object, kind);
    const owner = controllerOf(object);
    return {
      ref: { cluster: on.cluster, apiVersion, kind, namespace, name, uid: uidOf(object) },
      kind,
      class: classOf(kind, persistent),
      governance: on.governance.of(namespace, labels, templateLabels, home?.labels ?? {}),
      replicas,
      readyReplicas: readyOf(object, kind),
      suspended: valueAt(object, "spec", "suspend") === true,
      replicaOwner: on.replicaOwners.of(object, { apiVersion, kind }),
      ...(git === undefined ? {} : { git }),
      ...(owner === undefined
        ? {}
        : { controller: { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid } }),
      disruptionBudgets: on.disruptionBudgets.of(namespace, templateLabels, replicas),
      ...(priorityClass === undefined ? {} : { priorityClass }),
      gpu: perReplica.gpu !== "0",
      persistent,
      protected:
        (home?.protected ?? isProtectedName(namespace)) || isMarkedProtected(object) || isSystemPriority(priorityClass),
      ...exemptionWith(object, home, on.problems),
      allows: allowsOf(object),
      pods: on.pods.get(uidOf(object)) ?? NO_PODS,
      perReplica,
      object,
    };
  };
}

/** The later of the workload's own exemption and its namespace's. */
function exemptionWith(object: KubeObject, home: Namespace | undefined, problems: string[]): { exemptUntil?: string } {
  const { exemptUntil, problem } = exemptionOf(object);
  if (problem !== undefined) problems.push(problem);
  const both = [exemptUntil, home?.exemptUntil].filter((instant) => instant !== undefined).sort();
  const last = both.at(-1);
  return last === undefined ? {} : { exemptUntil: last };
}

function templateOf(object: KubeObject, kind: WorkloadKind): unknown {
  return kind === "CronJob"
    ? valueAt(object, "spec", "jobTemplate", "spec", "template")
    : valueAt(object, "spec", "template");
}

function classOf(kind: WorkloadKind, persistent: boolean): WorkloadClass {
  if (kind === "Job" || kind === "CronJob") return "batch";
  return kind === "StatefulSet" || persistent ? "stateful" : "stateless";
}

function replicasOf(object: KubeObject, kind: WorkloadKind): number {
  switch (kind) {
    case "CronJob":
      return 0;
    case "DaemonSet":
      return numberAt(object, "status", "desiredNumberScheduled") ?? 0;
    case "Job":
      return valueAt(object, "spec", "suspend") === true || isFinished(object)
        ? 0
        : (numberAt(object, "spec", "parallelism") ?? 1);
    default:
      return numberAt(object, "spec", "replicas") ?? 1;
  }
}

function isFinished(job: KubeObject): boolean {
  return listAt(job, "status", "conditions").some(
    (condition) =>
      ["Complete", "Failed"].includes(textAt(condition, "type") ?? "") && textAt(condition, "status") === "True",
  );
}

function readyOf(object: KubeObject, kind: WorkloadKind): number {
  if (kind === "CronJob") return 0;
  const field = kind === "Job" ? "ready" : kind === "DaemonSet" ? "numberReady" : "readyReplicas";
  return numberAt(object, "status", field) ?? 0;
}
