import type { Decimal } from "../../core/decimal.ts";
import type { Scope } from "../../core/finding.ts";
import type { Json } from "../../core/json.ts";
import type { Day } from "../../core/period.ts";
import type { KubeObject, ObjectName, ObjectRef } from "../connections/types.ts";

/** How far a step goes. `human`: never planned on its own, only carried out when people ask for it. */
export type Rung = "freeze" | "throttle" | "block" | "human";
export const RUNGS = ["freeze", "throttle", "block", "human"] as const satisfies readonly Rung[];

export type Layer = "cluster" | "billing";

/** Rows of the decision table (`reference/kubernetes.md` §3.2) in its order; each is a file of `actions/`. */
export const CLUSTER_ACTIONS = [
  "deny-growth",
  "freeze-quota",
  "cap-hpa",
  "pause-keda-scale-out",
  "suspend-cron-job",
  "cap-node-pool",
  "taint-nodes",
  "lower-hpa",
  "scale-to-floor",
  "hold-keda",
  "suspend-job",
  "scale-to-zero",
  "hold-keda-at-zero",
  "deny-all",
  "cordon-node",
  "evict-pods",
  "no-execute",
] as const;
export type ClusterAction = (typeof CLUSTER_ACTIONS)[number];

/** Steps on a cloud's billing side (§5 of the issue). */
export const BILLING_ACTIONS = ["aws-budget-action", "gcp-detach-billing", "resize-node-pool"] as const;
export type BillingAction = (typeof BILLING_ACTIONS)[number];

export type ActionName = ClusterAction | BillingAction;

/** A field's value. Absent is a value of its own: `suspend` that was never set is put back by removing it. */
export type FieldValue = { value: Json } | { absent: true };

/**
 * One field of an object. `pointer` is an RFC 6901 JSON pointer (`/spec/replicas`, `/metadata/annotations/autoscaling.keda.sh~1paused`), or
 * an entry of the taint list by key and effect (`/spec/taints[genops.ai/budget:NoSchedule]`), whose neighbours stay as they are.
 */
export interface FieldChange {
  pointer: string;
  from: FieldValue;
  to: FieldValue;
}

/** What a step does to the world. */
export type Write =
  /** Fields of somebody else's object; the originals are recorded on it in the same request. `scale`: through the scale subresource. */
  | { kind: "fields"; target: ObjectRef; fields: readonly FieldChange[]; via: "patch" | "scale" }
  /** Objects that are wholly ours: made by the step, deleted by its restore. In order; deleted in reverse. */
  | { kind: "objects"; objects: readonly KubeObject[] }
  /** Irreversible, for people only. */
  | { kind: "evict"; pods: readonly (ObjectName & { uid: string })[] }
  | { kind: "delete"; target: ObjectRef }
  /** A cloud's API (`BillingControl`, ports/billing-control.ts). `from`/`to` are the control's own words (`{ desired: 5 }`). */
  | { kind: "billing"; control: string; from: Json; to: Json };

/** Why something is done: a budget (or a person) that wants a rung for a scope until an instant. */
export interface Want {
  /** Unique and stable while it lasts: `budget/global/2026-11-01/threshold-95-actual-throttle`, or `person/<who>/<id>`. */
  policy: string;
  budget?: string;
  action: "throttle" | "block";
  /** The strongest rung that may be used: throttle → throttle, block → block. */
  rung: Rung;
  scopes: readonly Scope[];
  period: { start: Day; end: Day };
  /** Money per hour that the scope should cost less, in `currency`; undefined: everything that the rung can reach. */
  reduceByPerHour?: Decimal;
  currency: string;
  /** When its steps expire: the end of the period, at the latest. */
  expiresAt: string;
  /** Up to `rung` in one plan; without it a plan goes one rung above what the want has reached. */
  atOnce?: boolean;
  /** Snoozed by a person until then: what is held stays, nothing new is planned. */
  quietUntil?: string;
}

export interface Step {
  /** `hash(cluster, uid, policy, period, action)`: the same wish gives the same id. */
  id: string;
  action: ActionName;
  layer: Layer;
  rung: Rung;
  policy: string;
  cluster: string;
  /** What it is about, for people: `Deployment ml/trainer`. */
  subject: string;
  namespace?: string;
  environment: string;
  write: Write;
  /** How it is undone, or `irreversible: why`. */
  reverse: string;
  reversible: boolean;
  /** Net money per hour and until the period's end; zero for what only stops growth. */
  savesPerHour: Decimal;
  savesUntilEnd: Decimal;
  /** Pods that go (also those that may not come). */
  pods: number;
  /** What a person could run instead, one line each. */
  commands: readonly string[];
  /** What to know: missed CronJob runs are not replayed, new nodes do not carry the taint. */
  remarks: readonly string[];
  expiresAt: string;
}

export interface LeftOut {
  subject: string;
  policy: string;
  /** One sentence: `namespace payments is not opted in (label genops.ai/enforce)`. */
  reason: string;
  /** What would help, if anything: the Argo CD snippet, the label to set. */
  hint?: string;
}

/** What is to be done in one cluster. A document: what is approved is exactly this. */
export interface Plan {
  /** SHA-256 over the canonical JSON of what it would do (steps' ids, writes, cluster identity); not of prices and times. */
  hash: string;
  cluster: string;
  clusterUid: string;
  createdAt: string;
  /** Nobody may begin it later. */
  expiresAt: string;
  /** `genops`, or the person who asked. Never an approver. */
  requester: string;
  wants: readonly Want[];
  steps: readonly Step[];
  leftOut: readonly LeftOut[];
  currency: string;
  savesPerHour: Decimal;
  savesUntilEnd: Decimal;
  /** What the approvals must be: computed from configuration and steps. */
  needs: ApprovalNeeds;
  remarks: readonly string[];
}

export interface ApprovalNeeds {
  /** `dry-run`: nothing is done, whatever is approved. The most careful mode of all steps. */
  mode: "dry-run" | "approve" | "auto";
  /** Different people; 0 in `auto`, 2 for block in prod and for the rows 15–17 that say so. */
  approvals: number;
}

/** What is kept of one object that we changed; see ADR 0015 for the rules. One per cluster and uid, in the cluster's document. */
export interface Hold {
  ref: ObjectRef;
  /** How it is written. `scale`: nothing is recorded on the object, the originals are in this document only. */
  via: "patch" | "scale";
  /** Before our first write: pointer → value. Written once. */
  originals: Readonly<Record<string, FieldValue>>;
  /** Who wants what of it, the oldest first. The last layer that names a pointer decides its value. */
  layers: readonly HoldLayer[];
  /** What we last wrote and saw: pointer → value. */
  written: Readonly<Record<string, FieldValue>>;
  /** A write that has been announced and not been seen yet. */
  intent?: Intent;
  state: HoldState;
  /** In words: who changed it, why it failed. */
  detail?: string;
  /** When a value of ours was reverted by somebody else. */
  reverts: readonly { at: string; manager: string }[];
  changedAt: string;
}

/**
 * - `pending`: announced, not seen. - `active`: our values were seen on it. - `contested`: reverted twice; we stopped.
 * - `overridden`: a person changed it after us; we leave it alone. - `failed`: the server refused. - `gone`: the object is no more.
 */
export type HoldState = "pending" | "active" | "contested" | "overridden" | "failed" | "gone";

export interface HoldLayer {
  step: string;
  planHash: string;
  action: ActionName;
  rung: Rung;
  policy: string;
  environment: string;
  fields: Readonly<Record<string, FieldValue>>;
  appliedAt: string;
  expiresAt: string;
  savesPerHour: Decimal;
  /** It is wanted no longer, for this reason: it decides nothing more, and is closed as soon as the object shows that. */
  leaving?: string;
}

export interface Intent {
  id: string;
  direction: "apply" | "restore";
  /** What the object should have afterwards. */
  values: Readonly<Record<string, FieldValue>>;
  /** The version it was decided on. */
  resourceVersion: string;
  at: string;
}

/** Objects of ours in a cluster (rows 1, 2, 14) and billing-side changes: made once, deleted or put back once. */
export interface OwnWork {
  step: string;
  planHash: string;
  action: ActionName;
  rung: Rung;
  policy: string;
  environment: string;
  /** For people: `ResourceQuota ml/genops-budget`. */
  subject: string;
  write: Extract<Write, { kind: "objects" | "billing" }>;
  state: "pending" | "active" | "restoring" | "failed";
  detail?: string;
  appliedAt: string;
  expiresAt: string;
  savesPerHour: Decimal;
}

/** Everything we hold in one cluster: `enforcement/clusters/<name>.json`, changed by compare-and-swap only. */
export interface ClusterHolds {
  cluster: string;
  clusterUid: string;
  /** By uid. */
  holds: Readonly<Record<string, Hold>>;
  /** By step id. */
  own: Readonly<Record<string, OwnWork>>;
  /** What has ended, the newest first, at most 500: for status and simulation. */
  closed: readonly ClosedWork[];
}

export interface ClosedWork {
  step: string;
  action: ActionName;
  policy: string;
  subject: string;
  appliedAt: string;
  closedAt: string;
  /** `restored`, `changed by <manager>`, `gone`, `contested`, `cancelled`. */
  outcome: string;
  savesPerHour: Decimal;
}

export type RestoreReason = "new period" | "no longer wanted" | "resolved" | "expired" | "by hand" | "stop";
