import type { Json } from "../../core/json.ts";
import { isTree } from "../connections/objects.ts";
import type { KubeObject } from "../connections/types.ts";
import { parseQuantity } from "../inventory/quantities.ts";
import { type Entry, parsePointer } from "./pointers.ts";
import type { FieldValue } from "./types.ts";

type Values = Readonly<Record<string, FieldValue>>;

export const ABSENT: FieldValue = { absent: true };

/** What an object has at a pointer. A JSON null counts as absent: no server keeps one. The value of a taint is its whole entry. */
export function readField(object: KubeObject, pointer: string): FieldValue {
  const { keys, entry } = parsePointer(pointer);
  let found: unknown = object;
  for (const key of keys) found = Array.isArray(found) ? found[Number(key)] : isTree(found) ? found[key] : undefined;
  if (entry !== undefined) found = Array.isArray(found) ? found.find((each) => isEntry(each, entry)) : undefined;
  return found === undefined || found === null ? ABSENT : { value: found as Json };
}

function isEntry(value: unknown, { key, effect }: Entry): boolean {
  return isTree(value) && value["key"] === key && value["effect"] === effect;
}

/**
 * Is it the same for the server? Quantities below `/spec/limits` by what they amount to (`1000m` = `1`), a taint whenever it was added,
 * everything else to the letter.
 */
export function sameValue(a: FieldValue, b: FieldValue, pointer: string): boolean {
  if ("absent" in a || "absent" in b) return "absent" in a && "absent" in b;
  const leaf = pointer.startsWith("/spec/limits") ? sameQuantity : Object.is;
  return pointer.startsWith("/spec/taints[")
    ? sameJson(withoutTime(a.value), withoutTime(b.value), leaf)
    : sameJson(a.value, b.value, leaf);
}

function withoutTime(taint: unknown): unknown {
  if (!isTree(taint)) return taint;
  const { timeAdded: _, ...rest } = taint;
  return rest;
}

function sameQuantity(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  const [left, right] = [a, b].map((each) =>
    typeof each === "string" || typeof each === "number" ? parseQuantity(String(each)) : undefined,
  );
  return left !== undefined && left === right;
}

function sameJson(a: unknown, b: unknown, leaf: (a: unknown, b: unknown) => boolean): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => sameJson(each, b[index], leaf));
  }
  if (!isTree(a) || !isTree(b)) return leaf(a, b);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameJson(a[key], b[key], leaf));
}

/** The object with these values; what is not named is the same, down to the reference. Parents that are missing are made. */
export function withFields(object: KubeObject, values: Values): KubeObject {
  let next: unknown = object;
  for (const [pointer, value] of Object.entries(values)) {
    const { keys, entry } = parsePointer(pointer);
    next = put(next, keys, entry, value);
  }
  return next as KubeObject;
}

function put(place: unknown, keys: readonly string[], entry: Entry | undefined, value: FieldValue): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return entry === undefined ? plain(value) : putEntry(place, entry, value);
  if (Array.isArray(place)) {
    return place.map((each, index) => (String(index) === key ? put(each, rest, entry, value) : each));
  }
  const tree: Readonly<Record<string, unknown>> = isTree(place) ? place : {};
  const before = tree[key] ?? null;
  if (before === null && "absent" in value) return place;
  const after = put(before, rest, entry, value);
  const { [key]: _, ...others } = tree;
  return after === null || isEmptied(key, after) ? others : { ...tree, [key]: after };
}

function plain(value: FieldValue): Json {
  return "absent" in value ? null : value.value;
}

/** The server drops empty ones of these; kept, they would look like a change. */
function isEmptied(key: string, value: unknown): boolean {
  return (key === "annotations" || key === "labels") && isTree(value) && Object.keys(value).length === 0;
}

/** Its neighbours stay as they are; an entry that is there is replaced in its place. An empty list is none. */
function putEntry(place: unknown, entry: Entry, value: FieldValue): unknown {
  const list: readonly unknown[] = Array.isArray(place) ? place : [];
  const there = list.some((each) => isEntry(each, entry));
  if ("absent" in value) return there && list.length === 1 ? null : list.filter((each) => !isEntry(each, entry));
  return there ? list.map((each) => (isEntry(each, entry) ? value.value : each)) : [...list, value.value];
}

/**
 * The JSON merge patch that gives `live` these values and changes nothing else. A value that is an object replaces the whole object (what
 * `live` has beside it is removed by null); lists are sent whole, as merge patches want them, so send it with `live`'s resourceVersion.
 */
export function mergePatchOf(values: Values, live: KubeObject): Readonly<Record<string, Json>> {
  return difference(live, withFields(live, values));
}

function difference(before: object, after: object): Readonly<Record<string, Json>> {
  const old = new Map<string, Json>(Object.entries(before));
  const next = new Map<string, Json>(Object.entries(after));
  const patch: Record<string, Json> = {};
  for (const key of new Set([...old.keys(), ...next.keys()])) {
    const [from, to] = [old.get(key), next.get(key)];
    if (from === to || (from !== undefined && to !== undefined && sameJson(from, to, Object.is))) continue;
    if (to === undefined) patch[key] = null;
    else patch[key] = isTree(from) && isTree(to) ? difference(from, to) : to;
  }
  return patch;
}
