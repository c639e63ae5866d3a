import { isTree } from "../connections/objects.ts";
import type { KubeObject, ManagedFields } from "../connections/types.ts";
import { valueAt } from "./fields.ts";
import type { GitOwner, WorkloadKind } from "./types.ts";

/*
 * `reference/kubernetes.md` §3.5. Whether the tool would put our change back is read from managedFields: Argo CD and Flux own what Git
 * names, and only that. Helm applies once and does not come back, unless Flux's helm-controller runs it.
 */

/** Kinds whose levers Git may own. */
type GitKind = WorkloadKind | "HorizontalPodAutoscaler";

const ARGO = "argocd.argoproj.io/";
const KUSTOMIZE = "kustomize.toolkit.fluxcd.io/";
const HELM_RELEASE = "helm.toolkit.fluxcd.io/";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const MANAGERS = { argocd: /^argocd/, flux: /^(?:kustomize-controller|helm-controller)$/ } as const;

/** The Git tool behind an object, if any. */
export function gitOwnerOf(object: KubeObject, kind: GitKind): GitOwner | undefined {
  const { labels = {}, annotations = {} } = object.metadata;
  const marks = { ...labels, ...annotations };
  const suspended = marks[`${KUSTOMIZE}reconcile`] === "disabled";
  const tracking = marks[`${ARGO}tracking-id`];
  const argo = tracking === undefined ? marks[`${ARGO}instance`] : tracking.split(":")[0];
  if (argo !== undefined)
    return { tool: "argocd", source: argo, ownsReplicas: owns(object, kind, "argocd"), suspended: false };
  for (const prefix of [KUSTOMIZE, HELM_RELEASE]) {
    const name = marks[`${prefix}name`];
    if (name === undefined) continue;
    const namespace = marks[`${prefix}namespace`];
    const source = namespace === undefined ? name : `${namespace}/${name}`;
    return { tool: "flux", source, ownsReplicas: owns(object, kind, "flux"), suspended };
  }
  const byManager = managerOf(object, kind);
  if (byManager !== undefined) return { tool: byManager, ownsReplicas: true, suspended };
  return helmOwner(object, marks);
}

function helmOwner(object: KubeObject, marks: Readonly<Record<string, string>>): GitOwner | undefined {
  const release = marks["meta.helm.sh/release-name"];
  const isHelm =
    marks["app.kubernetes.io/managed-by"] === "Helm" || object.metadata.managedFields?.some(isHelms) === true;
  if (release === undefined && !isHelm) return undefined;
  return { tool: "helm", ...(release === undefined ? {} : { source: release }), ownsReplicas: false, suspended: false };
}

function isHelms({ manager }: ManagedFields): boolean {
  return manager === "helm" || manager === "Helm";
}

/** Without managedFields (a file that leaves them out) nobody can tell: then it is taken to own what it manages. */
function owns(object: KubeObject, kind: GitKind, tool: keyof typeof MANAGERS): boolean {
  const fields = object.metadata.managedFields;
  if (fields === undefined || fields.length === 0) return true;
  return (
    fields.some((entry) => MANAGERS[tool].test(entry.manager ?? "") && hasField(entry, kind)) ||
    lastApplied(object, kind)
  );
}

/** Labels can be missing where Argo CD tracks by its own list: then the field's manager tells. */
function managerOf(object: KubeObject, kind: GitKind): keyof typeof MANAGERS | undefined {
  const entries = (object.metadata.managedFields ?? []).filter((entry) => hasField(entry, kind));
  const tools = ["argocd", "flux"] as const;
  return tools.find((tool) => entries.some(({ manager }) => MANAGERS[tool].test(manager ?? "")));
}

/** The field that scaling changes. */
function fieldOf(kind: GitKind): string {
  if (kind === "HorizontalPodAutoscaler") return "maxReplicas";
  return kind === "Job" || kind === "CronJob" ? "suspend" : "replicas";
}

function hasField({ fieldsV1 }: ManagedFields, kind: GitKind): boolean {
  return valueAt(fieldsV1, "f:spec", `f:${fieldOf(kind)}`) !== undefined;
}

/** Argo CD without server-side apply leaves what it applied in kubectl's annotation. */
function lastApplied({ metadata: { annotations = {} } }: KubeObject, kind: GitKind): boolean {
  const text = annotations[LAST_APPLIED];
  if (text === undefined) return false;
  try {
    const applied: unknown = JSON.parse(text);
    return isTree(applied) && valueAt(applied, "spec", fieldOf(kind)) !== undefined;
  } catch {
    return false;
  }
}
