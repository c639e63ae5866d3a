import { KubeFailure } from "./failure.ts";
import {
  differenceOf,
  type FieldSet,
  fromFieldsV1,
  isAtomicMap,
  itemElement,
  leavesOf,
  listKind,
  readable,
} from "./field-set.ts";
import { isSameWriter, type Writer } from "./managed-fields.ts";
import { clone, isTree, listOf } from "./tree.ts";
import type { KubeObject, ManagedFields, ResourceKind, Tree } from "./types.ts";

export interface Applied {
  object: KubeObject;
  /** Everything the applied document names: what its manager owns from now on. */
  owned: FieldSet;
}

/** Server-side apply without a schema: merge, remove what the manager let go and nobody else owns, refuse what others own. */
export function applyPatch(
  kind: ResourceKind,
  live: KubeObject,
  config: KubeObject,
  { writer, force }: { writer: Writer; force: boolean },
): Applied {
  const entries = live.metadata.managedFields ?? [];
  const owned = leavesOf(config, kind.custom);
  const last = fromFieldsV1(entries.find((entry) => isSameWriter(entry, writer))?.fieldsV1 ?? {});
  const others = entries.filter((entry) => !isSameWriter(entry, writer));
  const merged = merge(live, config, [], kind.custom) as KubeObject;
  const kept = new Set(others.flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)]));
  const object = clone(merged);
  const released = [...last].filter((path) => !owned.has(path) && !kept.has(path));
  for (const path of released.sort((a, b) => b.length - a.length)) removeField(object, path.split("\n"), kind.custom);
  if (!force) refuseConflicts(live, object, others, kind);
  return { object, owned };
}

function refuseConflicts(live: KubeObject, after: KubeObject, others: readonly ManagedFields[], kind: ResourceKind) {
  const { changed } = differenceOf(live, after, kind.custom);
  const causes = others.flatMap((entry) => {
    const mine = fromFieldsV1(entry.fieldsV1);
    const through = entry.subresource === undefined ? "" : ` with subresource "${entry.subresource}"`;
    const message = `conflict with "${entry.manager}"${through} using ${entry.apiVersion}`;
    const fields = [...changed].filter((path) => mine.has(path)).map(readable);
    return fields.map((field) => ({ reason: "FieldManagerConflict", message, field }));
  });
  if (causes.length === 0) return;
  const count = `${causes.length} conflict${causes.length === 1 ? "" : "s"}`;
  const text = causes.map(({ message, field }) => `${message}: ${field}`).join("\n");
  throw new KubeFailure(409, "Conflict", `Apply failed with ${count}: ${text}`, { details: { causes } });
}

function merge(live: unknown, config: unknown, path: readonly string[], custom: boolean): unknown {
  if (Array.isArray(config)) return mergeList(listOf(live), config, path, custom);
  if (!isTree(config) || !isTree(live) || isAtomicMap(path, config)) return config;
  const result: Tree = { ...live };
  for (const [key, value] of Object.entries(config)) {
    result[key] = merge(live[key], value, [...path, `f:${key}`], custom);
  }
  return result;
}

function mergeList(live: unknown[], config: unknown[], path: readonly string[], custom: boolean): unknown[] {
  const how = listKind(path, custom);
  if (how === "atomic") return config;
  if (how === "set") return [...new Set([...live, ...config])];
  const { keys } = how;
  const result = [...live];
  for (const item of config) {
    const element = itemElement(item, keys);
    const at = result.findIndex((each) => itemElement(each, keys) === element);
    if (at < 0) result.push(item);
    else result[at] = merge(result[at], item, [...path, element], custom);
  }
  return result;
}

function removeField(root: KubeObject, path: readonly string[], custom: boolean): void {
  descend(root, path, [], custom);
}

/** Removes the leaf; a map or list that it leaves empty goes too, as the empty ones of typed objects do. */
function descend(place: unknown, path: readonly string[], walked: readonly string[], custom: boolean): void {
  const [element = "", ...rest] = path;
  if (Array.isArray(place)) {
    const how = listKind(walked, custom);
    const at = place.findIndex((item) =>
      typeof how === "object" ? itemElement(item, how.keys) === element : `v:${JSON.stringify(item)}` === element,
    );
    if (at < 0) return;
    if (rest.length === 0) place.splice(at, 1);
    else descend(place[at], rest, [...walked, element], custom);
    return;
  }
  if (!isTree(place)) return;
  const key = element.slice(2);
  if (rest.length > 0) descend(place[key], rest, [...walked, element], custom);
  if (rest.length === 0 || isEmpty(place[key])) delete place[key];
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isTree(value) && Object.keys(value).length === 0;
}
