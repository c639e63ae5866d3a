import type { KubeObject } from "../../shared/clusters/connections/types.ts";
import type { Freed, PricedInventory, Saving } from "../../shared/clusters/costs/types.ts";
import { withFields } from "../../shared/clusters/enforcement/fields.ts";
import { createPlan } from "../../shared/clusters/enforcement/plan/create-plan.ts";
import type { PlanInput } from "../../shared/clusters/enforcement/plan/types.ts";
import type {
  ClusterHolds,
  FieldValue,
  Hold,
  HoldLayer,
  Plan,
  Step,
  Want,
} from "../../shared/clusters/enforcement/types.ts";
import { buildInventory, type InventorySources } from "../../shared/clusters/inventory/build-inventory.ts";
import { numberAt } from "../../shared/clusters/inventory/fields.ts";
import type { Inventory } from "../../shared/clusters/inventory/types.ts";
import type { EnforcementConfig } from "../../shared/config/types.ts";
import { type Decimal, fromInteger, multiply, parseDecimal, sum, ZERO } from "../../shared/core/decimal.ts";
import { namespace, sourcesOf } from "./cluster-objects.ts";

export const NOW = new Date("2026-11-22T12:00:00Z");
const OLD = { creationTimestamp: "2026-01-01T00:00:00Z" };

/** The shipped defaults in mode `auto`, with room for everything. */
export function enforcementSettings(more: Partial<EnforcementConfig> = {}): EnforcementConfig {
  return {
    mode: "auto",
    layers: {},
    environments: {},
    rungs: {},
    approvers: [],
    approvalExpiresMinutes: 60,
    caps: capsOf(),
    enterAfter: 2,
    leaveBelow: fromInteger(5),
    minimumHoldMinutes: 60,
    cooldownMinutes: 60,
    maxDataAgeHours: 36,
    protectedNamespaces: [],
    windows: [],
    gitOps: "notify",
    billing: { awsBudgetActions: [], gcpDetachBilling: [], allowDetachBilling: false, nodePools: [] },
    ...more,
  };
}

export function capsOf(more: Partial<EnforcementConfig["caps"]> = {}): EnforcementConfig["caps"] {
  return {
    objectsPerRun: 1_000_000,
    namespaceShare: fromInteger(1),
    prodFloor: 1,
    floor: 1,
    failedShare: parseDecimal("0.3"),
    restoresPerRun: 20,
    ...more,
  };
}

export function wanted(more: Partial<Want> = {}): Want {
  return {
    policy: "budget/global/2026-11-01/threshold-95-actual-throttle",
    budget: "global",
    action: "throttle",
    rung: "throttle",
    scopes: [{}],
    period: { start: "2026-11-01", end: "2026-12-01" },
    currency: "USD",
    expiresAt: "2026-12-01T00:00:00.000Z",
    ...more,
  };
}

export const blocking: Partial<Want> = {
  policy: "budget/global/2026-11-01/threshold-100-actual-block",
  action: "block",
  rung: "block",
};

/** A namespace that allows everything. */
export function opted(name: string, enforce = "block", labels: Record<string, string> = {}): KubeObject {
  return namespace(name, {
    labels: { "genops.ai/enforce": enforce, "genops.ai/environment": "dev", ...labels },
    metadata: OLD,
  });
}

/** Objects of a cluster as an inventory; everything in it is old enough to be acted on. */
export function inventoryOf(objects: readonly KubeObject[], more: Partial<InventorySources> = {}): Inventory {
  const kubeSystem = namespace("kube-system", { uid: "cluster-uid" });
  return buildInventory(sourcesOf([kubeSystem, ...objects], { provider: "eks", region: "us-west-2", ...more }));
}

/** Every pod costs one an hour, or what `perPod` says by uid, and what is freed is saved. */
export function flatPrices(
  inventory: Inventory,
  perPod: Readonly<Record<string, string>> = {},
): { priced: PricedInventory; savings: (freed: readonly Freed[]) => Saving } {
  const price = (uid: string): Decimal => parseDecimal(perPod[uid] ?? "1");
  const workloads = inventory.workloads.map(({ ref: { uid, namespace: place = "", name }, governance, replicas }) => {
    const perHour = multiply(price(uid), fromInteger(replicas));
    return [
      uid,
      { uid, namespace: place, name, governance, perHour, parts: { cpu: perHour, memory: ZERO, gpu: ZERO } },
    ] as const;
  });
  const savings = (freed: readonly Freed[]): Saving => {
    const byStep = freed.map(({ uid, pods }) => multiply(price(uid), fromInteger(pods)));
    return { perHour: sum(byStep), byStep, releasedNodes: [], remarks: [] };
  };
  const perHour = sum(workloads.map(([, workload]) => workload.perHour));
  const priced = {
    inventory,
    currency: "USD",
    nodes: new Map(),
    pods: new Map(),
    workloads: new Map(workloads),
    idle: new Map(),
    perHour,
    problems: [],
  };
  return { priced, savings };
}

export type PlanParts = Partial<Omit<PlanInput, "settings">> & {
  settings?: Partial<EnforcementConfig>;
  perPod?: Readonly<Record<string, string>>;
};

/** A plan for objects of a cluster; everything that is not said is as permissive as it can be. */
export function planFor(objects: readonly KubeObject[], parts: PlanParts = {}): Plan {
  return createPlan(planInput(objects, parts));
}

export function planInput(objects: readonly KubeObject[], { settings, perPod, ...parts }: PlanParts = {}): PlanInput {
  const inventory = parts.inventory ?? inventoryOf(objects);
  return {
    inventory,
    ...flatPrices(inventory, perPod),
    wants: [wanted({ atOnce: true })],
    settings: enforcementSettings(settings),
    now: NOW,
    requester: "genops",
    dataAgeHours: 1,
    ...parts,
  };
}

/** What a cluster holds after the plan's steps on fields were carried out. */
export function heldAfter(plan: Plan, before?: ClusterHolds): ClusterHolds {
  const holds: Record<string, Hold> = { ...before?.holds };
  const own = { ...before?.own };
  for (const step of plan.steps) {
    if (step.write.kind === "fields")
      holds[step.write.target.uid] = withLayer(holds[step.write.target.uid], step, plan);
    if (step.write.kind !== "objects") continue;
    own[step.id] = { ...layerOf(step, plan), subject: step.subject, write: step.write, state: "active" };
  }
  return { cluster: plan.cluster, clusterUid: plan.clusterUid, holds, own, closed: [] };
}

function withLayer(before: Hold | undefined, step: Step, plan: Plan): Hold {
  if (step.write.kind !== "fields") throw new Error("only fields are held");
  const { target, fields, via } = step.write;
  const values = (side: "from" | "to"): Record<string, FieldValue> =>
    Object.fromEntries(fields.map((field) => [field.pointer, field[side]]));
  return {
    ref: target,
    via,
    originals: { ...values("from"), ...before?.originals },
    layers: [...(before?.layers ?? []), { ...layerOf(step, plan), fields: values("to") }],
    written: { ...before?.written, ...values("to") },
    state: "active",
    reverts: [],
    changedAt: NOW.toISOString(),
  };
}

function layerOf(step: Step, plan: Plan): Omit<HoldLayer, "fields"> {
  const { id, action, rung, policy, environment, expiresAt, savesPerHour } = step;
  const appliedAt = NOW.toISOString();
  return { step: id, planHash: plan.hash, action, rung, policy, environment, appliedAt, expiresAt, savesPerHour };
}

/** The objects after the plan's changes of fields, and after autoscalers have done what these ask of them. */
export function carriedOut(objects: readonly KubeObject[], plan: Plan): KubeObject[] {
  const writes = new Map(
    plan.steps.flatMap(({ write }) => (write.kind === "fields" ? [[write.target.uid, write] as const] : [])),
  );
  const changed = objects.map((each) => {
    const write = writes.get(each.metadata.uid ?? "");
    if (write === undefined) return each;
    return withFields(each, Object.fromEntries(write.fields.map(({ pointer, to }) => [pointer, to])));
  });
  return changed.map((each) => followed(each, changed));
}

function followed(each: KubeObject, all: readonly KubeObject[]): KubeObject {
  const isAbove = (other: KubeObject) =>
    other.metadata.namespace === each.metadata.namespace &&
    other.metadata.name === each.metadata.name &&
    each.kind === "Deployment";
  const hpa = all.find((other) => other.kind === "HorizontalPodAutoscaler" && isAbove(other));
  const keda = all.find((other) => other.kind === "ScaledObject" && isAbove(other));
  const held = keda?.metadata.annotations?.["autoscaling.keda.sh/paused-replicas"];
  const now = numberAt(each, "spec", "replicas") ?? 1;
  const most = held === undefined ? (numberAt(hpa, "spec", "maxReplicas") ?? now) : Number(held);
  return most < now ? withFields(each, { "/spec/replicas": { value: most } }) : each;
}

/** `action subject`, sorted as planned. */
export function deeds(plan: Plan): string[] {
  return plan.steps.map(({ action, subject }) => `${action} ${subject}`);
}
