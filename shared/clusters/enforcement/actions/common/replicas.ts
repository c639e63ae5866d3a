import type { EnforcementConfig } from "../../../../config/types.ts";
import type { Workload } from "../../../inventory/types.ts";
import { environmentClass } from "./environments.ts";

/** Kinds whose `spec.replicas` is a number of pods. */
const SCALED: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "Rollout"]);

export function isScaled({ kind }: Workload): boolean {
  return SCALED.has(kind);
}

/** Replicas that a throttle leaves: the configured floor, at least one, and what disruption budgets insist on. */
export function floorOf(workload: Workload, { caps }: EnforcementConfig): number {
  const configured = environmentClass(workload.governance.environment) === "prod" ? caps.prodFloor : caps.floor;
  return Math.max(1, configured, ...workload.disruptionBudgets.map(({ minAvailable }) => minAvailable));
}

/** As far down as this run may go. */
export function targetOf(replicas: number, wanted: number, mostPods: number): { target: number; isPart: boolean } {
  const target = Math.max(wanted, replicas - mostPods);
  return { target, isPart: target > wanted };
}

/** Why this kind must not lose pods without its owner's word; undefined: it may. */
export function needsOptIn({ kind, allows }: Workload): { leftOut: string; hint: string } | undefined {
  if (kind !== "StatefulSet" || allows.includes("statefulset")) return undefined;
  return {
    leftOut: "a StatefulSet loses pods only where its owner allows it",
    hint: "annotate it with genops.ai/allow=statefulset",
  };
}

/** Somebody else decides about it; undefined: nobody who would fight us. */
export function ownedElsewhere({ kind, replicaOwner, controller }: Workload): { leftOut: string } | undefined {
  const owner = replicaOwner.kind === "operator" ? replicaOwner.owner : controller;
  // A CronJob does not fight over its Jobs.
  if (owner === undefined || (kind === "Job" && owner.kind === "CronJob")) return undefined;
  return { leftOut: `it belongs to ${owner.kind} ${owner.name} (${owner.apiVersion}), which would put it back` };
}

export function pods(count: number): string {
  return count === 1 ? "1 pod" : `${count} pods`;
}
