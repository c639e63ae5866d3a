import { randomUUID } from "node:crypto";
import { withDefaults } from "./defaults.ts";
import { badRequest, conflict, invalid, type KubeFailure, modified } from "./failure.ts";
import { groupVersionOf } from "./resources.ts";
import { equal, isTree, listOf, numberAt } from "./tree.ts";
import type { KubeMetadata, KubeObject, ResourceKind, Tree } from "./types.ts";

/*
 * What a write may do to an object, and the form in which the server keeps it.
 */

export const INITIAL_STATUS: Readonly<Record<string, Tree>> = {
  Namespace: { phase: "Active" },
  Pod: { phase: "Pending", qosClass: "Burstable" },
};

/** The part of an object that admission sees of a write to `/scale`. */
export function asScale(object: KubeObject | undefined): KubeObject | undefined {
  if (object === undefined) return undefined;
  return { apiVersion: "autoscaling/v1", kind: "Scale", metadata: object.metadata, spec: scaleSpec(object) };
}

/** What was filled in before need not be again. */
export function defaulted(object: KubeObject, current: KubeObject): KubeObject {
  const same = object.spec === current.spec && object.metadata.labels === current.metadata.labels;
  return same ? object : withDefaults(object);
}

export function generated(prefix: string | undefined): string | undefined {
  return prefix === undefined ? undefined : `${prefix}${randomUUID().slice(0, 5)}`;
}

export function nameless(kind: ResourceKind): KubeFailure {
  const message = "Required value: name or generateName is required";
  return invalid(kind, "", [{ field: "metadata.name", message, reason: "FieldValueRequired" }]);
}

export function withoutBookkeeping(metadata: KubeMetadata): Tree {
  const { managedFields: _fields, resourceVersion: _version, uid: _uid, generation: _generation, ...rest } = metadata;
  const { creationTimestamp: _created, deletionTimestamp: _deleted, namespace: _namespace, ...kept } = rest;
  return kept;
}

export function refuseMisplaced(
  kind: ResourceKind,
  namespace: string,
  body: KubeObject,
  name = body.metadata.name,
): void {
  if (body.kind !== kind.kind || body.apiVersion !== groupVersionOf(kind)) {
    const sent = `${body.apiVersion}, Kind=${body.kind}`;
    throw badRequest(`${sent} in the request does not match ${groupVersionOf(kind)}, Kind=${kind.kind}`);
  }
  if (kind.namespaced && body.metadata.namespace !== undefined && body.metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (body.metadata.name !== name) {
    throw badRequest(`the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`);
  }
}

/** In a PUT the uid is a condition; in a patch it is one more field, and one that never changes. */
export function refuseStale(kind: ResourceKind, current: KubeObject, wished: KubeObject, patch: boolean): void {
  const { uid, resourceVersion } = wished.metadata;
  const { metadata } = current;
  const foreign = uid !== undefined && uid !== metadata.uid;
  if (foreign && !patch) {
    throw conflict(
      kind,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== "" && resourceVersion !== metadata.resourceVersion) {
    throw modified(kind, metadata.name);
  }
  if (foreign) {
    throw invalid(kind, metadata.name, [
      { field: "metadata.uid", message: `Invalid value: "${uid}": field is immutable` },
    ]);
  }
}

export function refusePrecondition(
  kind: ResourceKind,
  { metadata }: KubeObject,
  wished: { uid?: string; resourceVersion?: string },
) {
  const pairs = [
    ["UID", wished.uid, metadata.uid],
    ["ResourceVersion", wished.resourceVersion, metadata.resourceVersion],
  ] as const;
  for (const [what, asked, is] of pairs) {
    if (asked === undefined || asked === is) continue;
    const why = `the ${what} in the precondition (${asked}) does not match the ${what} in record (${is}).`;
    throw conflict(kind, metadata.name, `${why} The object might have been deleted and then recreated`);
  }
}

/** The wished object with everything taken back that this kind of write may not touch. */
export function settle(kind: ResourceKind, current: KubeObject, wished: KubeObject, subresource?: string): KubeObject {
  const { status, ...spec } = wished;
  const { status: statusBefore, ...before } = current;
  const { uid, creationTimestamp, generation, resourceVersion, managedFields, deletionTimestamp } = current.metadata;
  const kept = { uid, creationTimestamp, generation, resourceVersion, managedFields, deletionTimestamp };
  const metadata = {
    ...withoutBookkeeping(wished.metadata),
    name: current.metadata.name,
    ...(kind.namespaced ? { namespace: current.metadata.namespace } : {}),
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
  };
  if (subresource === "status") {
    // The controllers of built-in kinds keep notes in annotations and write them with the status.
    const { annotations, ...noted } = before.metadata;
    const notes = kind.custom ? annotations : wished.metadata.annotations;
    const kept = { ...noted, ...(notes === undefined ? {} : { annotations: notes }) };
    return { ...before, metadata: kept, ...(status === undefined ? {} : { status }) } as KubeObject;
  }
  const shown = kind.status ? statusBefore : status;
  return { ...spec, metadata, ...(shown === undefined ? {} : { status: shown }) } as KubeObject;
}

/** Typed objects have no empty maps and lists in their metadata; a node has no empty list of taints and no false cordon. */
export function tidy(object: KubeObject): KubeObject {
  const entries = Object.entries(object.metadata).filter(
    ([, value]) => !(Array.isArray(value) ? value.length === 0 : isTree(value) && Object.keys(value).length === 0),
  );
  const result = { ...object, metadata: Object.fromEntries(entries) } as unknown;
  return (isTree(result) && object.kind === "Node" ? tidyNode(result) : result) as KubeObject;
}

function tidyNode(node: Tree): Tree {
  if (!isTree(node["spec"])) return { ...node, spec: {} };
  const { taints, unschedulable, ...spec } = node["spec"];
  const hasTaints = listOf(taints).length > 0;
  return {
    ...node,
    spec: { ...spec, ...(hasTaints ? { taints } : {}), ...(unschedulable === true ? { unschedulable } : {}) },
  };
}

export function generationOf(kind: ResourceKind, before: KubeObject, after: KubeObject): { generation?: number } {
  if (kind.generation === "none" || kind.generation === "once") return {};
  const { metadata: _was, status: _statusBefore, ...old } = before;
  const { metadata: _is, status: _statusAfter, ...fresh } = after;
  const sameNotes = equal(before.metadata.annotations, after.metadata.annotations);
  const same = equal(old, fresh) && (kind.generation === "spec" || sameNotes);
  return { generation: (before.metadata.generation ?? 1) + (same ? 0 : 1) };
}

/** It was waiting for its finalizers, and the last one is gone. */
export function isReleased(before: KubeObject, after: KubeObject): boolean {
  return before.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
}

/** A Scale of zero says nothing of replicas, in answers and to admission. */
export function scaleSpec({ spec }: KubeObject): Tree {
  const replicas = numberAt(spec, "replicas") ?? 0;
  return replicas === 0 ? {} : { replicas };
}
