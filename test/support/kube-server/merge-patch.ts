import { isTree } from "./tree.ts";
import type { Tree } from "./types.ts";

/** RFC 7386: null removes, objects are merged, anything else (lists too) is replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
