import type { EnforcementConfig } from "../../../config/types.ts";
import { formatFixed, fromInteger, multiply, SCALE } from "../../../core/decimal.ts";
import type { Workload } from "../../inventory/types.ts";
import type { ClusterHolds } from "../types.ts";
import type { Candidate } from "./candidate.ts";

/** How much one run may do: objects in the cluster, and replicas of each namespace. */
export interface Caps {
  /** Objects that may still be changed. */
  objectsLeft(): number;
  /** Replicas of the namespace that may still go. */
  podsLeft(namespace: string): number;
  take(candidate: Candidate): void;
  giveBack(candidate: Candidate): void;
  /** `the run may take 2 of the 9 replicas of namespace ml` */
  namespaceLimit(namespace: string): string;
  objectLimit: string;
}

/**
 * A namespace's share is counted over the replicas that it has without our steps, rounded down, but at least one: else small namespaces
 * could never be slowed. Jobs' pods are not replicas.
 */
export function createCaps(
  { caps }: Pick<EnforcementConfig, "caps">,
  workloads: readonly Workload[],
  holds: ClusterHolds | undefined,
): Caps {
  const replicas = replicasByNamespace(workloads, holds);
  const taken = new Map<string, number>();
  let objects = 0;
  const limitOf = (namespace: string): number => {
    const all = replicas.get(namespace) ?? 0;
    return Math.max(1, Number(multiply(caps.namespaceShare, fromInteger(all)) / 10n ** BigInt(SCALE)));
  };
  const change = (candidate: Candidate, sign: 1 | -1): void => {
    objects += sign;
    const { namespace } = candidate;
    const pods = replicasTaken(candidate);
    if (namespace !== undefined) taken.set(namespace, (taken.get(namespace) ?? 0) + sign * pods);
  };
  return {
    objectsLeft: () => caps.objectsPerRun - objects,
    podsLeft: (namespace) => limitOf(namespace) - (taken.get(namespace) ?? 0),
    take: (candidate) => change(candidate, 1),
    giveBack: (candidate) => change(candidate, -1),
    namespaceLimit: (namespace) =>
      `a run may take ${limitOf(namespace)} of the ${replicas.get(namespace) ?? 0} replicas of namespace ${namespace} (${formatFixed(multiply(caps.namespaceShare, fromInteger(100)), 0)} %)`,
    objectLimit: `a run may change ${caps.objectsPerRun} objects`,
  };
}

/** Replicas that the candidate takes; suspended Jobs count as objects only. */
export function replicasTaken({ action, proposal }: Pick<Candidate, "action" | "proposal">): number {
  return action === "suspend-job" ? 0 : (proposal.frees?.pods ?? 0);
}

function replicasByNamespace(workloads: readonly Workload[], holds: ClusterHolds | undefined): Map<string, number> {
  const replicas = new Map<string, number>();
  for (const { kind, ref, replicas: now } of workloads) {
    if (kind === "Job" || kind === "CronJob" || kind === "DaemonSet") continue;
    const original = holds?.holds[ref.uid]?.originals["/spec/replicas"];
    const before = original !== undefined && "value" in original ? Number(original.value) : 0;
    const namespace = ref.namespace ?? "";
    replicas.set(namespace, (replicas.get(namespace) ?? 0) + Math.max(now, before));
  }
  return replicas;
}
