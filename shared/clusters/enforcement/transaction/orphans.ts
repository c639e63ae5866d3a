import { ZERO } from "../../../core/decimal.ts";
import { messageOf } from "../../../core/errors.ts";
import type { KubeObject, ListOptions } from "../../connections/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import { adoptHold, ENFORCEMENT, readMark } from "../hold/marks.ts";
import type { ActionName, ClusterHolds, Hold, OwnWork } from "../types.ts";
import { markOfOwn, nameOf, stepOfOwn } from "./own-objects.ts";
import type { Run } from "./run.ts";

/** Every kind that a step may change. Not ReplicaSets: the Deployment's controller copies annotations onto them, ours too. */
const CHANGED_KINDS = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["argoproj.io/v1alpha1", "Rollout"],
  ["batch/v1", "CronJob"],
  ["batch/v1", "Job"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["keda.sh/v1alpha1", "ScaledObject"],
  ["karpenter.sh/v1", "NodePool"],
  ["v1", "Node"],
] as const;

/** Every kind that a step may make, in the order in which they are deleted. */
const OWN_KINDS = [
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"],
  ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"],
  ["v1", "ConfigMap"],
  ["v1", "ResourceQuota"],
] as const;

/** What bears our marks in the cluster. */
export interface Marked {
  changed: readonly KubeObject[];
  own: readonly KubeObject[];
}

/** Lists what bears our marks; kinds that the server does not serve, or does not let us list, are passed over (the latter is told). */
export async function findMarked(run: Run): Promise<Marked> {
  const changed = await Promise.all(CHANGED_KINDS.map(([apiVersion, kind]) => listKind(run, apiVersion, kind)));
  const own = await Promise.all(
    OWN_KINDS.map(([apiVersion, kind]) => listKind(run, apiVersion, kind, { labelSelector: ENFORCEMENT })),
  );
  return { changed: changed.flat().filter(isOriginal), own: own.flat() };
}

/** A copy that a controller made of a marked object bears another's uid in its mark. */
function isOriginal(object: KubeObject): boolean {
  const mark = readMark(object);
  if (mark === undefined) return false;
  const made = object.metadata.ownerReferences?.some(({ controller }) => controller === true) === true;
  return mark.uid === object.metadata.uid || !made;
}

async function listKind(
  run: Run,
  apiVersion: string,
  kind: string,
  options?: ListOptions,
): Promise<readonly KubeObject[]> {
  const { client, log } = run.deps;
  try {
    if ((await client.resource(apiVersion, kind)) === undefined) return [];
    return await client.list(apiVersion, kind, options);
  } catch (error) {
    log(messageOf(error));
    return [];
  }
}

/**
 * Holds and own work for what is marked and not in the document: the document was lost, or is older than the cluster. An own object whose step
 * is known to have ended was made by a write that arrived late: it is taken back.
 */
export function orphansOf(
  cluster: string,
  document: ClusterHolds,
  { changed, own }: Marked,
  now: string,
): { holds: readonly Hold[]; own: readonly OwnWork[] } {
  const holds = changed
    .filter(({ metadata }) => document.holds[metadata.uid ?? ""] === undefined)
    .flatMap((object) => adoptHold(cluster, object, now) ?? []);
  const bySteps = Map.groupBy(own, (object) => stepOfOwn(object) ?? "");
  const works = [...bySteps].filter(([step]) => document.own[step] === undefined);
  const isClosed = (step: string) => document.closed.some((each) => each.step === step);
  return { holds, own: works.map(([step, objects]) => adoptOwn(step, objects, isClosed(step), now)) };
}

/** Deleting goes in reverse, hence the order. */
function adoptOwn(step: string, objects: readonly KubeObject[], isLate: boolean, now: string): OwnWork {
  const mark = objects.map(markOfOwn).find((each) => each !== undefined);
  const action: ActionName = objects.some(({ kind }) => kind === "ResourceQuota") ? "freeze-quota" : "deny-growth";
  const subject = objects[0] === undefined ? step : subjectOf(nameOf(objects[0]));
  return {
    step,
    planHash: "",
    action,
    rung: "freeze",
    policy: mark?.policy ?? "unknown",
    environment: "",
    subject,
    write: { kind: "objects", objects: objects.toReversed().map(bare) },
    state: isLate || mark === undefined ? "restoring" : "active",
    appliedAt: now,
    expiresAt: mark?.expiresAt ?? now,
    savesPerHour: ZERO,
  };
}

/** Enough to find it again: it is never made anew from here. */
function bare(object: KubeObject): KubeObject {
  const { apiVersion, kind, ...metadata } = nameOf(object);
  return { apiVersion, kind, metadata };
}
