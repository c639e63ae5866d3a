import type { KubeObject } from "../../../connections/types.ts";
import type { Workload } from "../../../inventory/types.ts";
import { ownObject } from "./own-objects.ts";

const GROUP = "admissionregistration.k8s.io/v1";

/**
 * Who is never refused: the server's own parts and controllers, or crashed pods would not come back; KEDA and Karpenter, whose levers are
 * others; and GenOps, or a restore would be refused. Service accounts elsewhere (a Git tool's, a pipeline's) ask for growth like people.
 */
const ASKED = [
  "!(request.userInfo.username.startsWith('system:') && !request.userInfo.username.startsWith('system:serviceaccount:'))",
  "!['kube-system', 'keda', 'karpenter', 'genops-system'].exists(n, request.userInfo.username.startsWith('system:serviceaccount:' + n + ':'))",
  "!(has(request.userInfo.groups) && 'genops:enforcer' in request.userInfo.groups)",
  "!(has(request.options) && has(request.options.fieldManager) && request.options.fieldManager == 'genops-enforcer')",
].join(" && ");

/**
 * Pods that an object asks for. Fields of the request that are empty are absent, hence `has`. A CronJob that may run counts as one; `replicas` that a Scale leaves out
 * is zero.
 */
function wantsCel(object: string): string {
  const suspended = `has(${object}.spec.suspend) && ${object}.spec.suspend`;
  return [
    `request.resource.resource == 'cronjobs' ? (${suspended} ? 0 : 1)`,
    `request.resource.resource == 'jobs' ? (${suspended} ? 0 : (has(${object}.spec.parallelism) ? ${object}.spec.parallelism : 1))`,
    `has(${object}.spec.replicas) ? ${object}.spec.replicas : (has(request.subResource) && request.subResource == 'scale' ? 0 : 1)`,
  ].join(" : ");
}

export interface GrowthPolicy {
  stepId: string;
  namespace: string;
  /** Who asks for it, for the message: a budget's name. */
  reason: string;
  /** Workloads that are let alone. */
  spared: readonly Workload[];
  /** A cycle of warnings comes before the first denial. */
  isWarning: boolean;
  hasRollouts: boolean;
}

/** Nothing in the namespace may ask for more pods than it has. Lifted by deleting the binding, or the namespace's label. */
export function growthPolicy(input: GrowthPolicy): KubeObject[] {
  const { stepId, namespace, reason, isWarning } = input;
  const name = `genops-deny-growth-${stepId}`;
  const policy = ownObject({ apiVersion: GROUP, kind: "ValidatingAdmissionPolicy" }, { name }, stepId, {
    failurePolicy: "Ignore",
    matchConstraints: { resourceRules: rules(input.hasRollouts) },
    matchConditions: [{ name: "asked-for", expression: ASKED }, ...sparing(input)],
    variables: [
      { name: "wants", expression: wantsCel("object") },
      { name: "had", expression: `oldObject == null ? 0 : (${wantsCel("oldObject")})` },
    ],
    validations: [
      {
        expression: "variables.wants <= variables.had",
        message: `budget ${reason}: growth in namespace ${namespace} is stopped (genops.ai/enforce)`,
      },
    ],
  });
  const binding = ownObject({ apiVersion: GROUP, kind: "ValidatingAdmissionPolicyBinding" }, { name }, stepId, {
    policyName: name,
    validationActions: isWarning ? ["Warn", "Audit"] : ["Deny"],
    matchResources: {
      namespaceSelector: {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "In", values: [namespace] },
          { key: "genops.ai/enforce", operator: "In", values: ["freeze", "throttle", "block"] },
        ],
      },
    },
  });
  return [policy, binding];
}

function rules(hasRollouts: boolean) {
  const rule = (group: string, version: string, ...resources: string[]) => ({
    apiGroups: [group],
    apiVersions: [version],
    operations: ["CREATE", "UPDATE"],
    resources,
  });
  return [
    rule("apps", "v1", "deployments", "deployments/scale", "statefulsets", "statefulsets/scale"),
    rule("batch", "v1", "jobs", "cronjobs"),
    ...(hasRollouts ? [rule("argoproj.io", "v1alpha1", "rollouts", "rollouts/scale")] : []),
  ];
}

const PLURALS: Readonly<Record<Workload["kind"], string>> = {
  Deployment: "deployments",
  StatefulSet: "statefulsets",
  Rollout: "rollouts",
  DaemonSet: "daemonsets",
  Job: "jobs",
  CronJob: "cronjobs",
};

function sparing({ spared }: GrowthPolicy): { name: string; expression: string }[] {
  if (spared.length === 0) return [];
  const names = spared.map(({ kind, ref }) => `'${PLURALS[kind]}/${ref.name}'`).sort();
  return [
    {
      name: "not-spared",
      expression: `!(has(request.name) && (request.resource.resource + '/' + request.name) in [${names.join(", ")}])`,
    },
  ];
}
