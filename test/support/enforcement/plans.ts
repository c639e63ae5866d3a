import type { KubeObject } from "../../../shared/clusters/connections/types.ts";
import { mergePatchOf, readField } from "../../../shared/clusters/enforcement/fields.ts";
import { planHash } from "../../../shared/clusters/enforcement/plan/hash.ts";
import { annotationPointer, taintPointer } from "../../../shared/clusters/enforcement/pointers.ts";
import type { ActionName, FieldValue, Plan, Rung, Step, Write } from "../../../shared/clusters/enforcement/types.ts";
import { ZERO } from "../../../shared/core/decimal.ts";
import type { Json } from "../../../shared/core/json.ts";

/** Steps and plans made by hand: what the real actions would write, without the planner. */

export interface StepOptions {
  id?: string;
  policy?: string;
  rung?: Rung;
  environment?: string;
  expiresAt?: string;
  action?: ActionName;
}

let made = 0;

export function stepOf(cluster: string, subject: string, write: Write, options: StepOptions = {}): Step {
  const {
    id = `step-${++made}`,
    policy = "budget/ml",
    rung = "block",
    environment = "dev",
    action = "scale-to-zero",
  } = options;
  return {
    id,
    action,
    layer: write.kind === "billing" ? "billing" : "cluster",
    rung,
    policy,
    cluster,
    subject,
    environment,
    write,
    reverse: "put back",
    reversible: true,
    savesPerHour: ZERO,
    savesUntilEnd: ZERO,
    pods: 0,
    commands: [],
    remarks: [],
    expiresAt: options.expiresAt ?? "2100-01-01T00:00:00.000Z",
  };
}

/** A step that sets fields of a live object; `undefined` sets absent. */
export function fieldStep(
  cluster: string,
  live: KubeObject,
  fields: Readonly<Record<string, Json | undefined>>,
  options: StepOptions & { via?: "patch" | "scale" } = {},
): Step {
  const { apiVersion, kind, metadata } = live;
  const { namespace, name, uid = "" } = metadata;
  const target = { cluster, apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
  const changes = Object.entries(fields).map(([pointer, value]) => {
    const to: FieldValue = value === undefined ? { absent: true } : { value };
    return { pointer, from: readField(live, pointer), to };
  });
  const write: Write = { kind: "fields", target, fields: changes, via: options.via ?? "patch" };
  return stepOf(cluster, `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`, write, options);
}

export function planOf(cluster: string, clusterUid: string, steps: readonly Step[], more: Partial<Plan> = {}): Plan {
  const plan = {
    cluster,
    clusterUid,
    createdAt: "2024-10-01T00:00:00.000Z",
    expiresAt: "2100-01-01T00:00:00.000Z",
    requester: "genops",
    wants: [],
    steps,
    leftOut: [],
    currency: "USD",
    savesPerHour: ZERO,
    savesUntilEnd: ZERO,
    needs: { mode: "auto" as const, approvals: 0 },
    remarks: [],
    ...more,
  };
  return { hash: planHash(plan), ...plan };
}

const BUDGET_TAINT = { key: "genops.ai/budget", value: "ml", effect: "NoSchedule" };

/** What each row of the decision table that changes fields would write on an object of its kind (`reference/kubernetes.md` §3.2). */
export const FIELD_ACTIONS: readonly {
  action: ActionName;
  rung: Rung;
  kind: string;
  fields: Readonly<Record<string, Json>>;
}[] = [
  { action: "cap-hpa", rung: "freeze", kind: "HorizontalPodAutoscaler", fields: { "/spec/maxReplicas": 3 } },
  {
    action: "pause-keda-scale-out",
    rung: "freeze",
    kind: "ScaledObject",
    fields: { [annotationPointer("autoscaling.keda.sh/paused-scale-out")]: "true" },
  },
  { action: "suspend-cron-job", rung: "freeze", kind: "CronJob", fields: { "/spec/suspend": true } },
  {
    action: "cap-node-pool",
    rung: "freeze",
    kind: "NodePool",
    fields: { "/spec/limits": { cpu: "8", memory: "32Gi" } },
  },
  {
    action: "taint-nodes",
    rung: "freeze",
    kind: "Node",
    fields: { [taintPointer("genops.ai/budget", "NoSchedule")]: BUDGET_TAINT },
  },
  {
    action: "lower-hpa",
    rung: "throttle",
    kind: "HorizontalPodAutoscaler",
    fields: { "/spec/minReplicas": 1, "/spec/maxReplicas": 1 },
  },
  { action: "scale-to-floor", rung: "throttle", kind: "Deployment", fields: { "/spec/replicas": 1 } },
  { action: "scale-to-floor", rung: "throttle", kind: "StatefulSet", fields: { "/spec/replicas": 1 } },
  { action: "scale-to-floor", rung: "throttle", kind: "Rollout", fields: { "/spec/replicas": 1 } },
  {
    action: "hold-keda",
    rung: "throttle",
    kind: "ScaledObject",
    fields: {
      [annotationPointer("autoscaling.keda.sh/paused-replicas")]: "1",
      [annotationPointer("autoscaling.keda.sh/paused")]: "true",
    },
  },
  { action: "suspend-job", rung: "throttle", kind: "Job", fields: { "/spec/suspend": true } },
  { action: "scale-to-zero", rung: "block", kind: "Deployment", fields: { "/spec/replicas": 0 } },
  { action: "scale-to-zero", rung: "block", kind: "StatefulSet", fields: { "/spec/replicas": 0 } },
  {
    action: "hold-keda-at-zero",
    rung: "block",
    kind: "ScaledObject",
    fields: {
      [annotationPointer("autoscaling.keda.sh/paused-replicas")]: "0",
      [annotationPointer("autoscaling.keda.sh/paused")]: "true",
    },
  },
  { action: "cordon-node", rung: "human", kind: "Node", fields: { "/spec/unschedulable": true } },
  {
    action: "no-execute",
    rung: "human",
    kind: "Node",
    fields: { [taintPointer("genops.ai/budget", "NoExecute")]: { ...BUDGET_TAINT, effect: "NoExecute" } },
  },
];

/** Would it change anything of this object? */
export function changes(live: KubeObject, fields: Readonly<Record<string, Json>>): boolean {
  const values = Object.fromEntries(Object.entries(fields).map(([pointer, value]) => [pointer, { value }]));
  return Object.keys(mergePatchOf(values, live)).length > 0;
}
