import type { KubeObject, ObjectRef } from "../../connections/types.ts";
import { textAt } from "../../inventory/fields.ts";

const FLUX = ["kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"];

/**
 * What to add to Argo CD or Flux so that it leaves our fields alone (`reference/kubernetes.md` §3.5); undefined for other managers.
 * `ignoreDifferences` alone only hides the difference, hence `RespectIgnoreDifferences`.
 */
export function gitSnippet(
  manager: string,
  ref: ObjectRef,
  live: KubeObject,
  pointers: readonly string[],
): string | undefined {
  if (manager.startsWith("argocd")) return argoSnippet(ref, pointers);
  const flux =
    /^(kustomize|helm)-controller$/.test(manager) || FLUX.some((label) => live.metadata.labels?.[label] !== undefined);
  return flux ? fluxSnippet(ref, live) : undefined;
}

function argoSnippet({ apiVersion, kind, namespace, name }: ObjectRef, pointers: readonly string[]): string {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : undefined;
  return [
    "# in the Argo CD Application:",
    "spec:",
    "  ignoreDifferences:",
    `    - ${group === undefined ? "" : `group: ${group}\n      `}kind: ${kind}`,
    `      name: ${name}`,
    ...(namespace === undefined ? [] : [`      namespace: ${namespace}`]),
    "      jsonPointers:",
    ...pointers.map((pointer) => `        - ${pointer.replace(/\[.*\]$/, "")}`),
    "  syncPolicy:",
    "    syncOptions:",
    "      - RespectIgnoreDifferences=true",
  ].join("\n");
}

function fluxSnippet({ kind, name }: ObjectRef, live: KubeObject): string {
  const source = FLUX.map((label) => textAt(live, "metadata", "labels", label)).find((each) => each !== undefined);
  return [
    `# on the ${kind} ${name}${source === undefined ? "" : ` (of ${source})`}, in Git:`,
    "metadata:",
    "  annotations:",
    "    kustomize.toolkit.fluxcd.io/reconcile: disabled",
    "# or, to keep reconciling all other fields:",
    "#   kustomize.toolkit.fluxcd.io/ssa: Merge   and no spec.replicas in the manifest",
  ].join("\n");
}
