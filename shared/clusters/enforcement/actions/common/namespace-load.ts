import { add, type Decimal, parseDecimal, ZERO } from "../../../../core/decimal.ts";
import type { Pod } from "../../../inventory/types.ts";
import type { NamespaceSubject } from "./action.ts";

/** What a namespace has now, as quotas count it. */
export interface NamespaceLoad {
  /** Pods that have not ended, or that its workloads ask for, whichever is more. */
  pods: number;
  /** Jobs that exist, and one for each CronJob that may still run. */
  jobs: number;
  gpu: Decimal;
  cpu: Decimal;
  memory: Decimal;
  /** Every pod says what it asks for: only then may a quota name cpu and memory, or pods without requests are refused. */
  allHaveRequests: boolean;
}

export function loadOf({ workloads, loosePods }: NamespaceSubject): NamespaceLoad {
  const pods = [...workloads.flatMap((workload) => workload.pods), ...loosePods].filter(isCounted);
  const asked = workloads.reduce((count, { replicas }) => count + replicas, 0) + loosePods.filter(isCounted).length;
  return {
    pods: Math.max(pods.length, asked),
    jobs: workloads.filter(({ kind, suspended }) => kind === "Job" || (kind === "CronJob" && !suspended)).length,
    gpu: total(pods, "gpu"),
    cpu: total(pods, "cpu"),
    memory: total(pods, "memory"),
    allHaveRequests: pods.length > 0 && pods.every(({ requests }) => requests.cpu !== "0" && requests.memory !== "0"),
  };
}

function isCounted({ phase }: Pod): boolean {
  return phase !== "Succeeded" && phase !== "Failed";
}

function total(pods: readonly Pod[], resource: "cpu" | "memory" | "gpu"): Decimal {
  return pods.reduce((sum, { requests }) => add(sum, parseDecimal(requests[resource])), ZERO);
}

/** A quantity as Kubernetes reads it, rounded up to thousandths. */
export function quantity(value: Decimal): string {
  const milli = 10n ** 15n;
  const thousandths = (value + milli - 1n) / milli;
  return thousandths % 1000n === 0n ? String(thousandths / 1000n) : `${thousandths}m`;
}
