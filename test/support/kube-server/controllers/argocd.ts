import { mergePatch } from "../merge-patch.ts";
import { treeOf } from "../tree.ts";
import type { KubeObject } from "../types.ts";
import { selfHealer } from "./git-replicas.ts";

/**
 * Argo CD with selfHeal, which patches what differs. `respect-ignore` stands for an application with ignoreDifferences and
 * RespectIgnoreDifferences=true for what Git holds here.
 */
export const argocd = selfHealer("argocd", isWatched, (object, spec, world) => {
  world.write("argocd-controller", object, (draft) => {
    draft.spec = treeOf(mergePatch(draft.spec, spec));
  });
});

function isWatched({ metadata: { annotations = {}, labels = {} } }: KubeObject): boolean {
  const tracked = (annotations["argocd.argoproj.io/tracking-id"] ?? labels["argocd.argoproj.io/instance"] ?? "") !== "";
  return tracked && annotations["test.genops.ai/respect-ignore"] !== "true";
}
