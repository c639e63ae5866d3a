import type { ObjectName, Resource } from "./types.ts";

/** `/api/v1` for the core group, `/apis/apps/v1` for the others. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of a kind's objects, of one namespace or of all. */
export function collectionPath({ apiVersion, plural, namespaced }: Resource, namespace?: string): string {
  const inside = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${groupPath(apiVersion)}${inside}/${plural}`;
}

export function objectPath(resource: Resource, { namespace, name }: Pick<ObjectName, "namespace" | "name">): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** For people: `Deployment ml/trainer`. */
export function describeName({ kind, namespace, name }: Omit<ObjectName, "apiVersion">): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
