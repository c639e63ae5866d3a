import { badRequest } from "./failure.ts";
import type { KubeObject, ResourceKind } from "./types.ts";

type Row = readonly [resource: string, kind: string, traits?: string, shortNames?: string];

/*
 * Traits: c = cluster-wide, s = /status, l = /scale, g = generation follows spec, a = generation follows spec and annotations,
 * o = generation stays 1.
 */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    ["namespaces", "Namespace", "cs", "ns"],
    ["nodes", "Node", "cs", "no"],
    ["pods", "Pod", "so", "po"],
    ["services", "Service", "s", "svc"],
    ["configmaps", "ConfigMap", "", "cm"],
    ["secrets", "Secret"],
    ["serviceaccounts", "ServiceAccount", "", "sa"],
    ["resourcequotas", "ResourceQuota", "s", "quota"],
    ["limitranges", "LimitRange", "", "limits"],
    ["persistentvolumeclaims", "PersistentVolumeClaim", "s", "pvc"],
    ["persistentvolumes", "PersistentVolume", "cs", "pv"],
    ["events", "Event", "", "ev"],
    ["endpoints", "Endpoints", "", "ep"],
  ],
  "apps/v1": [
    ["deployments", "Deployment", "sla", "deploy"],
    ["replicasets", "ReplicaSet", "slg", "rs"],
    ["statefulsets", "StatefulSet", "slg", "sts"],
    ["daemonsets", "DaemonSet", "sg", "ds"],
    ["controllerrevisions", "ControllerRevision"],
  ],
  "batch/v1": [
    ["jobs", "Job", "sg"],
    ["cronjobs", "CronJob", "sg", "cj"],
  ],
  "autoscaling/v2": [["horizontalpodautoscalers", "HorizontalPodAutoscaler", "sg", "hpa"]],
  "policy/v1": [["poddisruptionbudgets", "PodDisruptionBudget", "sg", "pdb"]],
  "admissionregistration.k8s.io/v1": [
    ["validatingadmissionpolicies", "ValidatingAdmissionPolicy", "csg"],
    ["validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", "cg"],
  ],
  "rbac.authorization.k8s.io/v1": [
    ["clusterroles", "ClusterRole", "c"],
    ["clusterrolebindings", "ClusterRoleBinding", "c"],
    ["roles", "Role"],
    ["rolebindings", "RoleBinding"],
  ],
  "scheduling.k8s.io/v1": [["priorityclasses", "PriorityClass", "cg", "pc"]],
  "coordination.k8s.io/v1": [["leases", "Lease"]],
  "networking.k8s.io/v1": [
    ["ingresses", "Ingress", "sg", "ing"],
    ["networkpolicies", "NetworkPolicy", "g", "netpol"],
  ],
  "apiextensions.k8s.io/v1": [["customresourcedefinitions", "CustomResourceDefinition", "csg", "crd"]],
  "keda.sh/v1alpha1": [["scaledobjects", "ScaledObject", "sg", "so"]],
  "karpenter.sh/v1": [
    ["nodepools", "NodePool", "csg"],
    ["nodeclaims", "NodeClaim", "csg"],
  ],
  "argoproj.io/v1alpha1": [
    ["rollouts", "Rollout", "slg", "ro"],
    ["applications", "Application", "g", "app"],
  ],
  "kustomize.toolkit.fluxcd.io/v1": [["kustomizations", "Kustomization", "sg", "ks"]],
  "metrics.k8s.io/v1beta1": [
    ["nodes", "NodeMetrics", "c"],
    ["pods", "PodMetrics"],
  ],
};

/** Groups that a bare cluster does not have: their kinds come from custom resource definitions. */
const CUSTOM = new Set(["keda.sh", "karpenter.sh", "argoproj.io", "kustomize.toolkit.fluxcd.io"]);

function kindOf(groupVersion: string, [resource, kind, traits = "", shortNames = ""]: Row): ResourceKind {
  const [group, version] = splitGroupVersion(groupVersion);
  return {
    group,
    version,
    resource,
    kind,
    shortNames: shortNames === "" ? [] : [shortNames],
    namespaced: !traits.includes("c"),
    status: traits.includes("s"),
    scale: traits.includes("l"),
    generation: generationOf(traits),
    custom: CUSTOM.has(group),
  };
}

function generationOf(traits: string): ResourceKind["generation"] {
  if (traits.includes("a")) return "specAndAnnotations";
  if (traits.includes("o")) return "once";
  return traits.includes("g") ? "spec" : "none";
}

export function splitGroupVersion(groupVersion: string): [group: string, version: string] {
  const parts = groupVersion.split("/");
  return parts.length === 1 ? ["", parts[0] ?? ""] : [parts[0] ?? "", parts[1] ?? ""];
}

export function groupVersionOf({ group, version }: { group: string; version: string }): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The kinds that this server serves. */
export interface Kinds {
  all: readonly ResourceKind[];
  byPath(group: string, version: string, resource: string): ResourceKind | undefined;
  /** Of `apps/v1`, `Deployment`. */
  byKind(apiVersion: string, kind: string): ResourceKind | undefined;
  of(object: KubeObject): ResourceKind;
}

export function createKinds(withoutGroups: readonly string[] = []): Kinds {
  const all = Object.entries(TABLE).flatMap(([groupVersion, rows]) => rows.map((row) => kindOf(groupVersion, row)));
  const served = all.filter(({ group }) => !withoutGroups.includes(group));
  const paths = new Map(served.map((kind) => [`${groupVersionOf(kind)}/${kind.resource}`, kind]));
  const kinds = new Map(served.map((kind) => [`${groupVersionOf(kind)}/${kind.kind}`, kind]));
  const byKind = (apiVersion: string, kind: string) => kinds.get(`${apiVersion}/${kind}`);
  return {
    all: served,
    byPath: (group, version, resource) => paths.get(`${groupVersionOf({ group, version })}/${resource}`),
    byKind,
    of(object) {
      const kind = byKind(object.apiVersion, object.kind);
      if (kind === undefined) throw badRequest(`no kind "${object.kind}" in ${object.apiVersion} on this server`);
      return kind;
    },
  };
}
