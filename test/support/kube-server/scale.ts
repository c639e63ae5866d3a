import type { Api } from "./api.ts";
import { badRequest } from "./failure.ts";
import { selectorText } from "./selectors.ts";
import { numberAt, treeOf } from "./tree.ts";
import type { KubeObject, ResourceKind, WriteOptions } from "./types.ts";
import { scaleSpec } from "./write-rules.ts";

/** The `/scale` view of a workload. */
export function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(object.spec?.["selector"]);
  const known = Object.entries({ namespace, uid, resourceVersion, creationTimestamp }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, ...Object.fromEntries(known) },
    spec: scaleSpec(object),
    status: { replicas: numberAt(object.status, "replicas") ?? 0, ...(selector === "" ? {} : { selector }) },
  };
}

/** Writes the wished scale; uid and resourceVersion of the Scale are conditions on the workload. */
export function writeScale(
  api: Api,
  kind: ResourceKind,
  { namespace, name }: { namespace: string; name: string },
  wish: (current: KubeObject) => KubeObject,
  options: WriteOptions,
): KubeObject {
  const change = (current: KubeObject): KubeObject => {
    const wished = wish(scaleOf(current));
    if (wished.kind !== "Scale") throw badRequest(`a Scale is expected, not a ${wished.kind}`);
    const { uid, resourceVersion } = wished.metadata;
    const metadata = { ...current.metadata };
    delete metadata.resourceVersion;
    if (uid !== undefined) metadata.uid = uid;
    if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
    const replicas = numberAt(treeOf(wished.spec), "replicas") ?? 0;
    return { ...current, metadata, spec: { ...current.spec, replicas } };
  };
  return scaleOf(api.update(kind, namespace, name, change, { ...options, subresource: "scale" }));
}
