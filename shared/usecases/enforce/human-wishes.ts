import type { HumanAction } from "../../clusters/enforcement/plan/types.ts";
import type { Want } from "../../clusters/enforcement/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import { dayOf, monthDays, monthOf } from "../../core/period.ts";
import type { Runtime } from "../runtime.ts";
import { untilOf } from "./settle-wants.ts";

/** What only people ask for: rows 15–17 of the decision table, and billing-side steps that a budget never takes by itself. */
export interface HumanWishes {
  /** Names of nodes. */
  cordon?: readonly string[] | undefined;
  noExecute?: readonly string[] | undefined;
  /** `namespace/Kind/name` */
  evict?: readonly string[] | undefined;
  /** Budgets whose node pools may be resized and whose projects may be detached: `enforcement.billing`. */
  billing?: readonly string[] | undefined;
  until?: string | undefined;
  by: string;
}

/** Throws `usage` for what is no workload, no budget or no instant to come. */
export function humanActions(runtime: Pick<Runtime, "clock">, wishes: HumanWishes): HumanAction[] {
  const { cordon = [], noExecute = [], evict = [], by } = wishes;
  const expiresAt = untilOf(runtime, wishes.until).toISOString();
  const nodes = [
    ...cordon.map((node) => ({ action: "cordon-node" as const, node })),
    ...noExecute.map((node) => ({ action: "no-execute" as const, node })),
  ];
  return [
    ...nodes.map((each) => ({ ...each, policy: `person/${by}/${each.action}/${each.node}`, expiresAt })),
    ...evict.map((text) => ({ ...workloadOf(text), policy: `person/${by}/evict-pods/${text}`, expiresAt })),
  ];
}

function workloadOf(text: string) {
  const [namespace, kind, name, ...rest] = text.split("/");
  if (!namespace || !kind || !name || rest.length > 0)
    throw new GenOpsError("usage", `--evict ${text}: expected namespace/Kind/name, such as ml/Deployment/trainer`);
  return { action: "evict-pods" as const, namespace, kind, name };
}

/** A want that reaches the billing side and nothing in any cluster. */
export function billingWants(
  { clock, config }: Pick<Runtime, "clock" | "config">,
  { billing = [], by, until }: HumanWishes,
): Want[] {
  const { nodePools, gcpDetachBilling, awsBudgetActions } = config.enforcement.billing;
  const named = new Set([...nodePools, ...gcpDetachBilling, ...awsBudgetActions].map(({ budget }) => budget));
  const period = monthDays(monthOf(dayOf(clock.evaluationNow())));
  return billing.map((budget) => {
    if (!named.has(budget))
      throw new GenOpsError("usage", `--billing ${budget}: enforcement.billing names nothing for this budget`);
    return {
      policy: `person/${by}/billing/${budget}`,
      budget,
      action: "block",
      rung: "human",
      scopes: [],
      period,
      currency: config.currency.report,
      expiresAt: until === undefined ? `${period.end}T00:00:00.000Z` : untilOf({ clock }, until).toISOString(),
      atOnce: true,
    };
  });
}
