import type { DeleteOptions } from "./api.ts";
import { badRequest, KubeFailure } from "./failure.ts";
import { jsonPatch } from "./json-patch.ts";
import { mergePatch } from "./merge-patch.ts";
import { jsonOf, type KubeRequest, managerOf, objectOf } from "./request.ts";
import { isTree, listOf, textAt, treeOf } from "./tree.ts";
import type { Caller, KubeObject, Tree, WriteOptions } from "./types.ts";

export function optionsOf({ query, headers }: KubeRequest, caller: Caller): WriteOptions & { warnings: string[] } {
  const dryRun = query.getAll("dryRun");
  if (dryRun.some((value) => value !== "All")) throw badRequest(`dryRun: Unsupported value: "${dryRun.join()}"`);
  const fieldManager = query.get("fieldManager");
  const named = fieldManager === null ? {} : { fieldManager };
  return { caller, manager: managerOf(query, headers), ...named, dryRun: dryRun.length > 0, warnings: [] };
}

export function bodyObject({ body }: KubeRequest): KubeObject {
  return objectOf(jsonOf(body));
}

export function mediaType({ headers }: KubeRequest): string {
  return (headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
}

/** What a patch body does to an object. */
export function patcher(type: string, body: string): (current: KubeObject) => KubeObject {
  if (type === "application/merge-patch+json") {
    const patch = jsonOf(body);
    if (!isTree(patch)) throw badRequest("a merge patch is an object");
    return (current) => objectOf(mergePatch(current, patch));
  }
  if (type === "application/json-patch+json") {
    const operations = jsonOf(body);
    return (current) => objectOf(jsonPatch(current, operations));
  }
  const message = `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml (got ${type})`;
  throw new KubeFailure(415, "UnsupportedMediaType", message);
}

/** With a body the query counts for nothing, `dryRun` included. */
export function deletion({ body, query }: KubeRequest): DeleteOptions & { dryRun: boolean } {
  if (body.trim() !== "") return deleteOptions(treeOf(jsonOf(body)));
  const policy = query.get("propagationPolicy");
  return deleteOptions({ dryRun: query.getAll("dryRun"), ...(policy === null ? {} : { propagationPolicy: policy }) });
}

export function deleteOptions(options: Tree): DeleteOptions & { dryRun: boolean } {
  const uid = textAt(options, "preconditions", "uid");
  const resourceVersion = textAt(options, "preconditions", "resourceVersion");
  const policy = textAt(options, "propagationPolicy");
  return {
    dryRun: listOf(options["dryRun"]).includes("All"),
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...(policy === undefined ? {} : { propagationPolicy: policyOf(policy) }),
  };
}

function policyOf(text: string): "Background" | "Foreground" | "Orphan" {
  if (text !== "Background" && text !== "Foreground" && text !== "Orphan")
    throw badRequest(`propagationPolicy ${text}`);
  return text;
}
