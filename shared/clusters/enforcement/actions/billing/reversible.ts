import type { BillingState, BillingTarget, Reversible } from "../../../../ports/billing-control.ts";
import { budgetActionState } from "./states.ts";

/** Whether a billing-side change can be taken back in full. The plan says *irreversible* where it cannot. */
export function reversibilityOf(target: BillingTarget, state?: BillingState): Reversible {
  switch (target.kind) {
    case "aws-budget-action": {
      const actionType = state === undefined ? undefined : budgetActionState(state).actionType;
      if (actionType !== "RUN_SSM_DOCUMENTS") return { yes: true };
      return {
        yes: false,
        because: "instances that the action stops are not known to start again when it is reversed",
      };
    }
    case "gcp-detach-billing":
      return {
        yes: false,
        because: `the project ${target.project} can be linked to its billing account again, but Google may have deleted resources meanwhile, for good`,
      };
    case "resize-node-pool":
      return { yes: true };
  }
}
