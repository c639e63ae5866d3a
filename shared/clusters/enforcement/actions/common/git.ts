import type { EnforcementConfig } from "../../../../config/types.ts";
import type { KubeObject } from "../../../connections/types.ts";
import type { GitOwner } from "../../../inventory/types.ts";
import { gitSnippet } from "../../hold/git-snippets.ts";
import { annotationPointer } from "../../pointers.ts";
import type { WantedFields } from "./fields-step.ts";
import { referenceTo } from "./references.ts";

const RECONCILE = "kustomize.toolkit.fluxcd.io/reconcile";

/** What Git's ownership of fields means for a step: it is left out, or it also changes `extra`, or nothing. */
export type GitRule = { leftOut: string; hint: string } | { extra: WantedFields; remarks: readonly string[] };

/**
 * A Git tool puts back what it owns (`reference/kubernetes.md` §3.5). Flux can be told on the object to leave it alone, which is recorded
 * and restored like any field; everything else is for the owner of the repository to allow, with the words to do it.
 */
export function gitRule(
  owner: GitOwner | undefined,
  object: KubeObject,
  pointers: readonly string[],
  { gitOps }: Pick<EnforcementConfig, "gitOps">,
): GitRule {
  if (owner === undefined || !owner.ownsReplicas || owner.suspended) return { extra: {}, remarks: [] };
  if (owner.tool === "flux" && gitOps === "suspend-flux") {
    return {
      extra: { [annotationPointer(RECONCILE)]: "disabled" },
      remarks: ["Flux leaves the object alone while the step is held; changes in Git arrive after the restore"],
    };
  }
  const named = owner.source === undefined ? "" : ` ${owner.source}`;
  return {
    leftOut: `${TOOLS[owner.tool]}${named} owns ${pointers.join(" and ")} and would put it back`,
    hint: gitSnippet(MANAGERS[owner.tool], referenceTo("", object), object, pointers) ?? HELM,
  };
}

const TOOLS = { argocd: "Argo CD", flux: "Flux", helm: "Helm" } as const;
const MANAGERS = { argocd: "argocd-controller", flux: "kustomize-controller", helm: "helm" } as const;
const HELM = "leave the field out of the chart's values, or switch off the correction of drift for it";
