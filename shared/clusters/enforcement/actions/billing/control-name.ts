import { GenOpsError } from "../../../../core/errors.ts";
import type { BillingTarget } from "../../../../ports/billing-control.ts";

/** A target in one line, as plans, records and people name it: `aws-budget-action/123456789012/monthly/<action id>`. */
export function controlName(target: BillingTarget): string {
  switch (target.kind) {
    case "aws-budget-action": {
      const { kind, accountId, budgetName, actionId, region } = target;
      return nameOf([kind, accountId, budgetName, actionId, ...(region === undefined ? [] : [region])]);
    }
    case "gcp-detach-billing":
      return nameOf([target.kind, target.project]);
    case "resize-node-pool":
      return nameOf([target.kind, target.cluster, target.pool]);
  }
}

/** The target that `controlName` named. Throws `refused` for any other text. */
export function targetOf(control: string): BillingTarget {
  const [kind, first, second, third, fourth] = control.split("/").map(decodeURIComponent);
  if (kind === "aws-budget-action" && first && second && third) {
    const region = fourth === undefined ? {} : { region: fourth };
    return { kind, accountId: first, budgetName: second, actionId: third, ...region };
  }
  if (kind === "gcp-detach-billing" && first) return { kind, project: first };
  if (kind === "resize-node-pool" && first && second) return { kind, cluster: first, pool: second };
  throw new GenOpsError("refused", `there is no billing-side control ${control}`);
}

function nameOf(parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join("/");
}
