import type { AccessReview } from "../connections/types.ts";
import { AUTOSCALER_STATUS } from "../inventory/autoscaler-status.ts";
import { LISTED } from "../inventory/kinds.ts";
import { PROTECTED_NAMESPACES } from "../inventory/protection.ts";
import { ENFORCEMENT, FENCE, ORIGINAL } from "./hold/marks.ts";
import type { ClusterAction } from "./types.ts";

/*
 * What GenOps' identity may do in a cluster, and what nobody may give it. The manifests below `deploy/` say the same, and `genops doctor`
 * asks the server for both; tests hold the three together.
 */

/** `scale-only`: the scale subresource. `standard`: everything that is planned by itself. `human` is granted beside one of them. */
export type RightsMode = "scale-only" | "standard" | "human";

export interface ServedKind {
  apiVersion: string;
  kind: string;
}

export interface Right {
  /** Empty for the core group. */
  group: string;
  /** `deployments`, `deployments/scale` */
  resource: string;
  verbs: readonly string[];
  /** Only objects of this name. */
  name?: string;
  /** Needed only where the cluster serves this kind: operators bring it along. */
  where?: ServedKind;
}

const { rollouts: ROLLOUT, scaledObjects: SCALED_OBJECT, nodePools: NODE_POOL } = LISTED;
const POLICY: ServedKind = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" };

const PATCH = ["patch"];
/** Server-side apply of an object of ours makes it (`create`) or changes it (`patch`). */
const OWN = ["create", "patch", "delete"];
const SCALE = ["get", "update"];

/** By group, what patches and makes: the rows of the decision table (`reference/kubernetes.md` §3.2). */
export const ACTION_RIGHTS: Readonly<Record<ClusterAction, readonly Right[]>> = {
  "deny-growth": [policies(), bindings()],
  "freeze-quota": [{ group: "", resource: "resourcequotas", verbs: OWN }],
  "cap-hpa": [{ group: "autoscaling", resource: "horizontalpodautoscalers", verbs: PATCH }],
  "pause-keda-scale-out": [keda()],
  "suspend-cron-job": [{ group: "batch", resource: "cronjobs", verbs: PATCH }],
  "cap-node-pool": [{ group: "karpenter.sh", resource: "nodepools", verbs: PATCH, where: NODE_POOL }],
  "taint-nodes": [{ group: "", resource: "nodes", verbs: PATCH }],
  "lower-hpa": [{ group: "autoscaling", resource: "horizontalpodautoscalers", verbs: PATCH }],
  "scale-to-floor": replicas("", PATCH),
  "hold-keda": [keda()],
  "suspend-job": [{ group: "batch", resource: "jobs", verbs: PATCH }],
  "scale-to-zero": replicas("", PATCH),
  "hold-keda-at-zero": [keda()],
  "deny-all": [{ group: "", resource: "resourcequotas", verbs: OWN }],
  "cordon-node": [{ group: "", resource: "nodes", verbs: PATCH }],
  "evict-pods": [{ group: "", resource: "pods/eviction", verbs: ["create"] }],
  "no-execute": [{ group: "", resource: "nodes", verbs: PATCH }],
};

/** Rows that only people ask for, and whose rights are a role of their own. */
const HUMAN: readonly ClusterAction[] = ["evict-pods"];

function keda(): Right {
  return { group: "keda.sh", resource: "scaledobjects", verbs: PATCH, where: SCALED_OBJECT };
}

function policies(): Right {
  return { group: "admissionregistration.k8s.io", resource: "validatingadmissionpolicies", verbs: OWN, where: POLICY };
}

function bindings(): Right {
  return { ...policies(), resource: "validatingadmissionpolicybindings" };
}

function replicas(subresource: "" | "/scale", verbs: readonly string[]): Right[] {
  return [
    { group: "apps", resource: `deployments${subresource}`, verbs },
    { group: "apps", resource: `statefulsets${subresource}`, verbs },
    { group: "argoproj.io", resource: `rollouts${subresource}`, verbs, where: ROLLOUT },
  ];
}

/** The health check's endpoint: the address of the service genops-ai in genops-system. */
const SERVICE: Right = { group: "", resource: "services", verbs: ["get"] };

/** Which node groups give nodes back: what a step saves depends on it. No other ConfigMap is read. */
const AUTOSCALER: Right = { group: "", resource: "configmaps", verbs: ["get"], name: AUTOSCALER_STATUS.name };

/** What the inventory lists, what is read before it is written, and what the health check reads. */
export const READS: readonly Right[] = [
  ...Object.values(LISTED).map((kind): Right => {
    const group = kind.apiVersion.includes("/") ? (kind.apiVersion.split("/")[0] ?? "") : "";
    const resource = kind.kind === "PodMetrics" ? "pods" : kind.plural;
    return { group, resource, verbs: ["get", "list"], ...("optional" in kind ? { where: kind } : {}) };
  }),
  { group: "", resource: "resourcequotas", verbs: ["get", "list"] },
  SERVICE,
  AUTOSCALER,
  { ...policies(), verbs: ["get", "list"] },
  { ...bindings(), verbs: ["get", "list"] },
];

/** Every right of a mode once, its verbs together, in order of group and resource. */
export function rightsOf(mode: RightsMode): Right[] {
  const wanted = {
    "scale-only": () => [...READS, ...replicas("/scale", SCALE)],
    standard: () => [...READS, ...actionRights((action) => !HUMAN.includes(action))],
    human: () => actionRights((action) => HUMAN.includes(action)),
  };
  const merged = new Map<string, Right>();
  for (const right of wanted[mode]()) {
    const key = `${right.group}/${right.resource}`;
    const verbs = [...new Set([...(merged.get(key)?.verbs ?? []), ...right.verbs])];
    merged.set(key, { ...right, verbs });
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, right]) => right);
}

function actionRights(isTaken: (action: ClusterAction) => boolean): Right[] {
  return (Object.keys(ACTION_RIGHTS) as ClusterAction[])
    .filter(isTaken)
    .flatMap((action) => [...ACTION_RIGHTS[action]]);
}

/** A right as questions to the server, one per verb. */
export function reviewsOf({ group, resource: path, verbs, name }: Right): AccessReview[] {
  const [resource = "", subresource] = path.split("/");
  const about = { ...(subresource === undefined ? {} : { subresource }), ...(name === undefined ? {} : { name }) };
  return verbs.map((verb) => ({ verb, group, resource, ...about }));
}

/** Must never be granted, in any mode: with one of them a stolen token does what no plan says. */
export const NEVER: readonly Right[] = [
  { group: "*", resource: "*", verbs: ["*"] },
  { group: "", resource: "secrets", verbs: ["get", "list"] },
  { group: "", resource: "pods", verbs: ["create", "delete"] },
  { group: "", resource: "pods/exec", verbs: ["create", "get"] },
  { group: "", resource: "nodes", verbs: ["create", "delete"] },
  { group: "", resource: "nodes/proxy", verbs: ["get", "create"] },
  { group: "", resource: "namespaces", verbs: ["create", "delete", "patch"] },
  { group: "", resource: "persistentvolumeclaims", verbs: ["delete"] },
  { group: "", resource: "serviceaccounts/token", verbs: ["create"] },
  { group: "", resource: "users", verbs: ["impersonate"] },
  { group: "apps", resource: "deployments", verbs: ["create", "delete"] },
  { group: "apps", resource: "statefulsets", verbs: ["create", "delete"] },
  { group: "apps", resource: "daemonsets", verbs: ["create", "delete", "patch"] },
  { group: "batch", resource: "jobs", verbs: ["create", "delete"] },
  { group: "batch", resource: "cronjobs", verbs: ["create", "delete"] },
  { group: "rbac.authorization.k8s.io", resource: "clusterroles", verbs: ["create", "patch", "bind", "escalate"] },
  { group: "rbac.authorization.k8s.io", resource: "clusterrolebindings", verbs: ["create", "patch"] },
  { group: "rbac.authorization.k8s.io", resource: "roles", verbs: ["create", "patch"] },
  { group: "rbac.authorization.k8s.io", resource: "rolebindings", verbs: ["create", "patch"] },
  { group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations", verbs: ["create", "patch"] },
];

/** Name of the policy (and of its binding) that keeps our identity to what follows. */
export const GUARD = "genops-guard";

/** What the guard lets our identity change, beside objects of our own. */
export const GUARDED = {
  /** `group/resource` → the fields of `spec` that rows of the table change. */
  fields: {
    "apps/deployments": ["replicas"],
    "apps/statefulsets": ["replicas"],
    "argoproj.io/rollouts": ["replicas"],
    "batch/cronjobs": ["suspend"],
    "batch/jobs": ["suspend"],
    "autoscaling/horizontalpodautoscalers": ["minReplicas", "maxReplicas"],
    "keda.sh/scaledobjects": [],
    "karpenter.sh/nodepools": ["limits"],
    "/nodes": ["taints", "unschedulable"],
  },
  scales: ["apps/deployments/scale", "apps/statefulsets/scale", "argoproj.io/rollouts/scale"],
  annotations: [
    ENFORCEMENT,
    ORIGINAL,
    FENCE,
    "autoscaling.keda.sh/paused",
    "autoscaling.keda.sh/paused-replicas",
    "autoscaling.keda.sh/paused-scale-out",
    "kustomize.toolkit.fluxcd.io/reconcile",
  ],
  protectedNamespaces: PROTECTED_NAMESPACES,
  /** Quotas of ours are called so, and carry the label `genops.ai/enforcement`. */
  ownPrefix: "genops-",
} as const;
