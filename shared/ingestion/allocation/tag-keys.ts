import { compareText, foldKey } from "./fold-case.ts";

/** Tags that carry a Kubernetes namespace, in the order in which they are asked. */
export const NAMESPACE_KEYS = [
  "k8s-namespace",
  "kubernetes_namespace",
  "aws:eks:namespace",
  "kubernetes-namespace",
  "genops.ai/namespace",
] as const;

/** What a row has where neither tags, tables nor a default tell. */
export const UNALLOCATED = "unallocated";

/**
 * The spellings under which to look, best first: per configured key its exact spelling, then its other spellings among `present` in
 * lexicographic order.
 */
export function spellingsOf(keys: readonly string[], present: readonly string[]): string[] {
  const ordered = keys.flatMap((key) => {
    const others = present.filter((spelling) => spelling !== key && foldKey(spelling) === foldKey(key));
    return [...(present.includes(key) ? [key] : []), ...others.sort(compareText)];
  });
  return [...new Set(ordered)];
}
