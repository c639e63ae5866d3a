import { canonicalJson } from "../../../shared/core/json.ts";
import { equal, isTree, valueAt } from "./tree.ts";
import type { Tree } from "./types.ts";

/*
 * Field paths as in `fieldsV1`: `f:name` a field, `k:{"name":"a"}` an item of a list with keys, `v:"x"` a member of a set. Only leaves are
 * members, and the items of lists with keys; what the real server marks with "." besides those has no use for our tests.
 */

/** Paths, their elements joined by newlines. */
export type FieldSet = ReadonlySet<string>;

const KEYED: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  volumes: ["name"],
  env: ["name"],
  imagePullSecrets: ["name"],
  volumeMounts: ["mountPath"],
  conditions: ["type"],
  ownerReferences: ["uid"],
};
const PORT_KEYS = { container: ["containerPort", "protocol"], service: ["port", "protocol"] } as const;
const ATOMIC_MAPS = new Set(["nodeSelector", "labelSelector", "namespaceSelector", "objectSelector"]);

export type ListKind = { keys: readonly string[] } | "set" | "atomic";

/** How a list merges. Custom resources have no schema here: their lists are atomic but for those in metadata. */
export function listKind(path: readonly string[], custom: boolean): ListKind {
  const name = path.at(-1) ?? "";
  if (name === "f:finalizers") return "set";
  const keys = KEYED[name.slice(2)];
  const inMetadata = path[0] === "f:metadata";
  if (name === "f:ownerReferences" && keys !== undefined) return { keys };
  if (custom || inMetadata) return "atomic";
  if (name === "f:ports") return { keys: path.length > 2 ? PORT_KEYS.container : PORT_KEYS.service };
  return keys === undefined ? "atomic" : { keys };
}

/** A selector is replaced as a whole, and so is a map of node labels. */
export function isAtomicMap(path: readonly string[], value: Tree): boolean {
  const name = (path.at(-1) ?? "").slice(2);
  return ATOMIC_MAPS.has(name) || (name === "selector" && ("matchLabels" in value || "matchExpressions" in value));
}

/** `k:{"name":"a"}`; a port without protocol is TCP. */
export function itemElement(item: unknown, keys: readonly string[]): string {
  const key = keys.map((name) => [name, valueAt(item, name) ?? (name === "protocol" ? "TCP" : undefined)] as const);
  return `k:${canonicalJson(Object.fromEntries(key))}`;
}

const BOOKKEEPING = new Set(
  [
    "name",
    "namespace",
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
  ].concat(["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"]),
);

/** Every leaf of an object. */
export function leavesOf(object: Tree, custom: boolean): Set<string> {
  return differenceOf({}, object, custom).changed;
}

export interface Difference {
  /** Leaves that are new or have another value. */
  changed: Set<string>;
  removed: Set<string>;
}

/** What a write did. What both versions share by reference is not looked into. */
export function differenceOf(before: Tree | undefined, after: Tree, custom: boolean): Difference {
  const found: Difference = { changed: new Set(), removed: new Set() };
  const sides = [before ?? {}, after] as const;
  for (const key of keysOf(sides)) {
    if (key === "apiVersion" || key === "kind") continue;
    const [old, fresh] = [sides[0][key], sides[1][key]];
    if (key !== "metadata") compare(old, fresh, [`f:${key}`], custom, found);
    else {
      const metadata = [isTree(old) ? old : {}, isTree(fresh) ? fresh : {}] as const;
      for (const name of keysOf(metadata)) {
        if (BOOKKEEPING.has(name)) continue;
        compare(metadata[0][name], metadata[1][name], ["f:metadata", `f:${name}`], custom, found);
      }
    }
  }
  return found;
}

function keysOf([before, after]: readonly [Tree, Tree]): string[] {
  return [...Object.keys(after), ...Object.keys(before).filter((key) => !(key in after))];
}

type Children = ReadonlyMap<string, unknown>;
const NOTHING: Children = new Map();

/** What lies below a value, by element; undefined for a leaf. */
function childrenOf(value: unknown, path: readonly string[], custom: boolean): Children | undefined {
  if (value === undefined) return NOTHING;
  if (Array.isArray(value)) {
    const how = listKind(path, custom);
    if (how === "atomic") return undefined;
    if (how === "set") return new Map(value.map((item) => [`v:${JSON.stringify(item)}`, item]));
    return new Map(value.map((item) => [itemElement(item, how.keys), item]));
  }
  if (!isTree(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length === 0) return path.length === 1 && path[0] === "f:status" ? NOTHING : undefined;
  return isAtomicMap(path, value) ? undefined : new Map(keys.map((key) => [`f:${key}`, value[key]]));
}

function compare(old: unknown, fresh: unknown, path: readonly string[], custom: boolean, found: Difference): void {
  if (old === fresh) return;
  const was = childrenOf(old, path, custom);
  const is = childrenOf(fresh, path, custom);
  if (was !== undefined && is !== undefined) {
    compareChildren(was, is, path, custom, found);
    return;
  }
  if (equal(old, fresh)) return;
  if (is === undefined) found.changed.add(path.join("\n"));
  else if (was === undefined) found.removed.add(path.join("\n"));
  compareChildren(was ?? NOTHING, is ?? NOTHING, path, custom, found);
}

/** An item of a list with keys is a member itself, besides its fields. */
function compareChildren(
  was: Children,
  is: Children,
  path: readonly string[],
  custom: boolean,
  found: Difference,
): void {
  for (const [element, value] of is) {
    const inner = [...path, element];
    if (element.startsWith("k:") && !was.has(element)) found.changed.add(inner.join("\n"));
    compare(was.get(element), value, inner, custom, found);
  }
  for (const [element, value] of was) {
    if (is.has(element)) continue;
    const inner = [...path, element];
    if (element.startsWith("k:")) found.removed.add(inner.join("\n"));
    compare(value, undefined, inner, custom, found);
  }
}

export function toFieldsV1(set: FieldSet): Tree {
  const root: Tree = {};
  // Sorted, a member comes before what lies below it: one that is found without children keeps a dot.
  for (const path of [...set].sort()) {
    let place = root;
    let isNew = true;
    for (const element of path.split("\n")) {
      const inner = place[element];
      if (isTree(inner)) {
        place = inner;
        isNew = false;
        continue;
      }
      if (!isNew && place !== root && isLeaf(place)) place["."] = {};
      const made: Tree = {};
      place[element] = made;
      place = made;
      isNew = true;
    }
  }
  read.set(root, set);
  return root;
}

function isLeaf(tree: Tree): boolean {
  for (const _key in tree) return false;
  return true;
}

const read = new WeakMap<Tree, FieldSet>();

/** Sets of fields are never changed in place: one that was read is known. */
export function fromFieldsV1(tree: Tree): FieldSet {
  const known = read.get(tree);
  if (known !== undefined) return known;
  const found = new Set<string>();
  collect(tree, [], found);
  read.set(tree, found);
  return found;
}

function collect(tree: Tree, path: readonly string[], found: Set<string>): void {
  const entries = Object.entries(tree);
  if (entries.length === 0 && path.length > 0) found.add(path.join("\n"));
  for (const [key, value] of entries) {
    if (key === ".") found.add(path.join("\n"));
    else if (isTree(value)) collect(value, [...path, key], found);
  }
}

/** `.spec.template.spec.containers[name="a"].image`, as conflicts are worded. */
export function readable(path: string): string {
  return path
    .split("\n")
    .map((element) => {
      if (element.startsWith("f:")) return `.${element.slice(2)}`;
      if (element.startsWith("v:")) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as Tree);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
    })
    .join("");
}
