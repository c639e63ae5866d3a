import { isSystemPriority } from "../../inventory/protection.ts";
import type { Namespace, OptIn, Workload } from "../../inventory/types.ts";
import type { Rung } from "../types.ts";

/** So long a new object is let alone: it has not shown what it is for. */
const GRACE_MINUTES = 15;

export interface Refusal {
  reason: string;
  hint?: string;
}

/** What the rules look at beside the objects. */
export interface Surroundings {
  now: Date;
  isProtectedName: (namespace: string) => boolean;
}

/** Why nothing in the namespace may be touched; undefined: something may. */
export function namespaceRefusal(namespace: Namespace, { now, isProtectedName }: Surroundings): Refusal | undefined {
  const { name } = namespace;
  if (namespace.protected || isProtectedName(name)) return { reason: `namespace ${name} is protected` };
  if (namespace.terminating) return { reason: `namespace ${name} is being deleted` };
  if (namespace.optIn === "none") {
    return {
      reason: `namespace ${name} is not opted in`,
      hint: "label it genops.ai/enforce=freeze, throttle or block",
    };
  }
  if (isLater(namespace.exemptUntil, now))
    return { reason: `namespace ${name} is exempt until ${namespace.exemptUntil}` };
  return undefined;
}

/** Why the workload itself may not be touched. */
export function workloadRefusal(workload: Workload, { now }: Pick<Surroundings, "now">): Refusal | undefined {
  const { creationTimestamp, deletionTimestamp } = workload.object.metadata;
  if (workload.protected) return { reason: "it is protected (genops.ai/protected)" };
  if (isLater(workload.exemptUntil, now)) return { reason: `it is exempt until ${workload.exemptUntil}` };
  if (isSystemPriority(workload.priorityClass)) return { reason: `its priority class is ${workload.priorityClass}` };
  if (deletionTimestamp !== undefined) return { reason: "it is being deleted" };
  const age =
    creationTimestamp === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(creationTimestamp);
  if (age < GRACE_MINUTES * 60_000) return { reason: `it was made less than ${GRACE_MINUTES} minutes ago` };
  return undefined;
}

const STRENGTH: Readonly<Record<Rung | "none", number>> = { none: 0, freeze: 1, throttle: 2, block: 3, human: 4 };

/** The weaker of both. */
export function cappedRung(rung: Rung, optIn: OptIn): Rung | "none" {
  return STRENGTH[optIn] < STRENGTH[rung] ? optIn : rung;
}

export function isAtMost(rung: Rung, most: Rung | "none"): boolean {
  return STRENGTH[rung] <= STRENGTH[most];
}

function isLater(instant: string | undefined, now: Date): boolean {
  return instant !== undefined && Date.parse(instant) > now.getTime();
}
