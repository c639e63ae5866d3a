import type { AccessReview } from "../connections/types.ts";

/** A right that GenOps uses in a cluster, and what for. */
export interface Right extends AccessReview {
  /** `read`: nothing works without it. `write`: enforcement needs it. */
  need: "read" | "write";
  /** Only where the cluster serves this kind. */
  where?: { apiVersion: string; kind: string };
}

const KEDA = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject" };
const KARPENTER = { apiVersion: "karpenter.sh/v1", kind: "NodePool" };
const POLICIES = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" };
const ADMISSION = "admissionregistration.k8s.io";

const READS: readonly Right[] = [
  ...rights("read", ["list"], "", ["namespaces", "nodes", "pods"]),
  ...rights("read", ["list"], "apps", ["deployments", "statefulsets", "replicasets", "daemonsets"]),
  ...rights("read", ["list"], "batch", ["jobs", "cronjobs"]),
  ...rights("read", ["list"], "autoscaling", ["horizontalpodautoscalers"]),
  ...rights("read", ["list"], "policy", ["poddisruptionbudgets"]),
  ...rights("read", ["list"], "keda.sh", ["scaledobjects"], KEDA),
  ...rights("read", ["list"], "karpenter.sh", ["nodepools"], KARPENTER),
];

const WRITES: readonly Right[] = [
  ...rights("write", ["patch"], "apps", ["deployments", "statefulsets"]),
  ...rights("write", ["patch"], "batch", ["cronjobs", "jobs"]),
  ...rights("write", ["patch"], "autoscaling", ["horizontalpodautoscalers"]),
  ...rights("write", ["patch"], "", ["nodes"]),
  ...rights("write", ["create", "patch", "delete"], "", ["resourcequotas"]),
  ...rights("write", ["create", "patch", "delete"], ADMISSION, ["validatingadmissionpolicies"], POLICIES),
  ...rights("write", ["create", "patch", "delete"], ADMISSION, ["validatingadmissionpolicybindings"], POLICIES),
  ...rights("write", ["patch"], "keda.sh", ["scaledobjects"], KEDA),
  ...rights("write", ["patch"], "karpenter.sh", ["nodepools"], KARPENTER),
];

const SCALE_ONLY: readonly Right[] = ["deployments", "statefulsets"].map((resource) => ({
  need: "write",
  verb: "update",
  group: "apps",
  resource,
  subresource: "scale",
}));

/** Every right that is used in a cluster of this mode. */
export function rightsFor(mode: "standard" | "scale-only"): readonly Right[] {
  return [...READS, ...(mode === "standard" ? WRITES : SCALE_ONLY)];
}

function rights(
  need: Right["need"],
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
  where?: Right["where"],
): Right[] {
  return resources.flatMap((resource) =>
    verbs.map((verb) => ({ need, verb, group, resource, ...(where === undefined ? {} : { where }) })),
  );
}

/** As RBAC's commands write it: `patch deployments.apps/scale`. */
export function describeRight({ verb, group, resource, subresource }: AccessReview): string {
  const name = group === "" ? resource : `${resource}.${group}`;
  return `${verb} ${name}${subresource === undefined ? "" : `/${subresource}`}`;
}
