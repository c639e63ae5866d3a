import { addMonths, dayOf, monthOf } from "../core/period.ts";
import type { OpenCostsDeps } from "../ledger/open-costs.ts";
import { openUnitCosts } from "../ledger/unit-costs.ts";
import type { Runtime } from "./runtime.ts";

const RELATION = "unit_costs";

/** Makes the relation with the unit costs of this month and the two before it, for the rule about them; gives back its name. */
export async function openRecentUnitCosts(
  { asOf, clock, progress }: Pick<Runtime, "asOf" | "clock" | "progress">,
  deps: OpenCostsDeps,
): Promise<string> {
  const month = monthOf(dayOf(clock.evaluationNow()));
  const billingPeriods = [addMonths(month, -2), addMonths(month, -1), month];
  const missing = await openUnitCosts(deps, { asOf, billingPeriods }, RELATION);
  if (missing.length > 0) {
    progress.note(`unit costs of ${missing.join(", ")} are not judged: their rows stay where they are`);
  }
  return RELATION;
}
