import type { KubeObject, ObjectRef } from "../../../connections/types.ts";

/** Which object it is, for good. An object without uid was never stored and cannot be acted on. */
export function referenceTo(cluster: string, { apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const { namespace, name, uid = "" } = metadata;
  return { cluster, apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
}

/** `Deployment ml/trainer` */
export function subjectOf({ kind, namespace, name }: Pick<ObjectRef, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
