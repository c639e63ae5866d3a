import { GenOpsError } from "../../core/errors.ts";

/** One entry of a list that is found by its key and effect: a node's taint. */
export interface Entry {
  key: string;
  effect: string;
}

/** Where a field lies: keys from the object's root on; with `entry`, that entry of the list there. */
export interface Pointer {
  keys: readonly string[];
  entry?: Entry;
}

const ENTRY = /^(.*)\[([^[\]:]+):([A-Za-z]+)\]$/;

/**
 * Reads `/spec/replicas`, `/metadata/annotations/a.b~1c` (RFC 6901), or `/spec/taints[key:Effect]`. Throws `internal` for anything else: pointers
 * are ours, or were written by us onto an object.
 */
export function parsePointer(text: string): Pointer {
  const match = ENTRY.exec(text);
  const [, list = text, key = "", effect = ""] = match ?? [];
  if (!list.startsWith("/") || list === "/") throw new GenOpsError("internal", `not a JSON pointer: ${text}`);
  const keys = list
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return match === null ? { keys } : { keys, entry: { key, effect } };
}

/** `pointerOf("metadata", "annotations", "a.b/c")` → `/metadata/annotations/a.b~1c` */
function pointerOf(...keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** `/metadata/annotations/autoscaling.keda.sh~1paused` */
export function annotationPointer(name: string): string {
  return pointerOf("metadata", "annotations", name);
}

/** `/spec/taints[genops.ai/budget:NoSchedule]` */
export function taintPointer(key: string, effect: string): string {
  return `/spec/taints[${key}:${effect}]`;
}
