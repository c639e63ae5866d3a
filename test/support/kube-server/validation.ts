import { type Cause, invalid } from "./failure.ts";
import { milliOf } from "./quantity.ts";
import { matchesSelector } from "./selectors.ts";
import { equal, isTree, listOf, numberAt, textAt, treeOf, valueAt } from "./tree.ts";
import type { KubeObject, ResourceKind } from "./types.ts";

type Check = (object: KubeObject, before: KubeObject | undefined) => Cause[];

/** The refusals that our actions can run into; the real server knows many more. */
export function validate(kind: ResourceKind, object: KubeObject, before: KubeObject | undefined): void {
  const causes = [...nameCauses(object), ...(CHECKS[object.kind]?.(object, before) ?? [])];
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes);
}

function nameCauses({ kind, metadata: { name } }: KubeObject): Cause[] {
  const fine = kind.includes("Role") || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name);
  return fine ? [] : [{ field: "metadata.name", message: `Invalid value: "${name}": a lowercase RFC 1123 subdomain` }];
}

/** A count that may be left out, and is never negative. */
function count(object: KubeObject, field: string): Cause[] {
  const value = numberAt(object.spec, field);
  return value === undefined || (Number.isInteger(value) && value >= 0)
    ? []
    : [{ field: `spec.${field}`, message: `Invalid value: ${value}: must be greater than or equal to 0` }];
}

function templateCauses(object: KubeObject, before: KubeObject | undefined): Cause[] {
  const labels = treeOf(valueAt(object.spec, "template", "metadata", "labels"));
  const selector = object.spec?.["selector"];
  const causes: Cause[] = [];
  if (!isTree(selector))
    causes.push({ field: "spec.selector", message: "Required value", reason: "FieldValueRequired" });
  else if (!matchesSelector(selector, labels)) {
    const message = `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
    causes.push({ field: "spec.template.metadata.labels", message });
  }
  if (before !== undefined && !equal(before.spec?.["selector"], selector)) {
    causes.push({ field: "spec.selector", message: `Invalid value: ${JSON.stringify(selector)}: field is immutable` });
  }
  return [...causes, ...containerCauses(object, "spec.template.spec.containers")];
}

function containerCauses(object: KubeObject, path: string): Cause[] {
  return listOf(valueAt(object, ...path.split("."))).length > 0
    ? []
    : [{ field: path, message: "Required value", reason: "FieldValueRequired" }];
}

const workload: Check = (object, before) => [...count(object, "replicas"), ...templateCauses(object, before)];

const STATEFUL_SET_MAY_CHANGE = new Set(
  ["replicas", "template", "updateStrategy", "minReadySeconds", "ordinals", "revisionHistoryLimit"].concat(
    "persistentVolumeClaimRetentionPolicy",
  ),
);

function frozenSpec(object: KubeObject, before: KubeObject | undefined): Cause[] {
  if (before === undefined) return [];
  const keys = new Set([...Object.keys(treeOf(object.spec)), ...Object.keys(treeOf(before.spec))]);
  const moved = [...keys].some(
    (key) => !STATEFUL_SET_MAY_CHANGE.has(key) && !equal(object.spec?.[key], before.spec?.[key]),
  );
  const message =
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', ...";
  return moved ? [{ field: "spec", message, reason: "FieldValueForbidden" }] : [];
}

const jobCheck: Check = (object, before) => {
  const frozen = before === undefined || equal(before.spec?.["template"], object.spec?.["template"]);
  const mayChange = valueAt(before?.spec, "suspend") === true && valueAt(before?.status, "startTime") === undefined;
  const causes = frozen || mayChange ? [] : [{ field: "spec.template", message: "Invalid value: field is immutable" }];
  return [...count(object, "parallelism"), ...causes, ...containerCauses(object, "spec.template.spec.containers")];
};

/** Since 1.37 a minimum of zero is allowed beside a metric that exists without pods (HPAScaleToZero). */
const autoscalerCheck: Check = ({ spec }) => {
  const min = numberAt(spec, "minReplicas") ?? 1;
  const max = numberAt(spec, "maxReplicas") ?? 0;
  const wakeable = listOf(spec?.["metrics"]).some((metric) =>
    ["Object", "External"].includes(textAt(metric, "type") ?? ""),
  );
  const causes: Cause[] = [];
  if (min < 0 || (min === 0 && !wakeable)) {
    const message = `Invalid value: ${min}: must be greater than or equal to 1`;
    causes.push(min < 0 ? { field: "spec.minReplicas", message } : ZERO_MINIMUM);
  }
  if (max < 1) causes.push({ field: "spec.maxReplicas", message: `Invalid value: ${max}: must be greater than 0` });
  if (max < min) {
    const message = `Invalid value: ${max}: must be greater than or equal to \`minReplicas\``;
    causes.push({ field: "spec.maxReplicas", message });
  }
  return causes;
};

const ZERO_MINIMUM: Cause = {
  field: "spec.metrics",
  message: "Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
  reason: "FieldValueForbidden",
};

const quotaCheck: Check = ({ spec }) =>
  Object.entries(treeOf(spec?.["hard"])).flatMap(([name, amount]) => {
    const milli = milliOf(amount);
    return milli !== undefined && milli >= 0
      ? []
      : [
          {
            field: `spec.hard[${name}]`,
            message: `Invalid value: "${String(amount)}": must be greater than or equal to 0`,
          },
        ];
  });

const nodeCheck: Check = ({ spec }) => {
  const taints = listOf(spec?.["taints"]).map((taint) => `${textAt(taint, "key")}:${textAt(taint, "effect")}`);
  const twice = taints.filter((taint, at) => taints.indexOf(taint) !== at);
  return twice.map((taint) => ({
    field: "spec.taints",
    message: `Duplicate value: ${taint}`,
    reason: "FieldValueDuplicate",
  }));
};

const budgetCheck: Check = ({ spec }) =>
  spec?.["minAvailable"] !== undefined && spec["maxUnavailable"] !== undefined
    ? [{ field: "spec", message: "Invalid value: minAvailable and maxUnavailable cannot be both set" }]
    : [];

const bindingCheck: Check = ({ spec }) => {
  const actions = listOf(spec?.["validationActions"]);
  if (actions.length === 0) {
    return [{ field: "spec.validationActions", message: "Required value", reason: "FieldValueRequired" }];
  }
  return actions.includes("Deny") && actions.includes("Warn")
    ? [{ field: "spec.validationActions", message: "Invalid value: must not contain both Deny and Warn" }]
    : [];
};

const CHECKS: Readonly<Record<string, Check>> = {
  Deployment: workload,
  ReplicaSet: workload,
  StatefulSet: (object, before) => [...workload(object, before), ...frozenSpec(object, before)],
  Job: jobCheck,
  HorizontalPodAutoscaler: autoscalerCheck,
  ResourceQuota: quotaCheck,
  Node: nodeCheck,
  PodDisruptionBudget: budgetCheck,
  ValidatingAdmissionPolicyBinding: bindingCheck,
  Pod: (object) => containerCauses(object, "spec.containers"),
};
