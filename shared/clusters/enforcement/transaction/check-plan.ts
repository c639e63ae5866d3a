import { planHash } from "../plan/hash.ts";
import type { Plan, Step } from "../types.ts";
import type { TransactionDeps } from "./types.ts";

export interface ApplyOptions {
  /** What the caller was allowed to begin (`beginPlan` of the approvals). */
  approvedHash?: string;
}

/** Why nothing of this plan may be begun; undefined: it may. */
export function refusalOf(
  plan: Plan,
  clusterUid: string,
  { client, clock }: Pick<TransactionDeps, "client" | "clock">,
  options: ApplyOptions,
): string | undefined {
  if (plan.cluster !== client.cluster) return `the plan is for cluster ${plan.cluster}, not for ${client.cluster}`;
  if (plan.clusterUid !== clusterUid) return `cluster ${plan.cluster} is another one than when the plan was made`;
  if (plan.hash !== planHash(plan)) return "the plan was changed after it was made: its hash is another";
  if (clock.now().getTime() >= Date.parse(plan.expiresAt)) return `the plan has expired at ${plan.expiresAt}`;
  if (options.approvedHash !== undefined && options.approvedHash !== plan.hash)
    return "the approval is for another plan";
  return plan.steps.map(malformed).find((each) => each !== undefined);
}

/** A step that this transaction could not undo, or not even name. */
function malformed({ id, write, cluster }: Step): string | undefined {
  if (!/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(id)) return `step ${id} has an id that is no label value`;
  if (write.kind !== "fields") return undefined;
  if (write.target.cluster !== cluster) return `step ${id} is for another cluster`;
  const byScale = write.fields.length === 1 && write.fields[0]?.pointer === "/spec/replicas";
  return write.via === "scale" && !byScale ? `step ${id} wants more of a scale than replicas` : undefined;
}
