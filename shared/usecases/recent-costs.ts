import { addDays, addMonths, type Day, dayOf, type Month, monthOf } from "../core/period.ts";
import { openHourlyCosts } from "../ledger/hourly-costs.ts";
import type { OpenCostsDeps } from "../ledger/open-costs.ts";
import { openUnitCosts } from "../ledger/unit-costs.ts";
import type { Runtime } from "./runtime.ts";

const UNITS = "unit_costs";
const HOURS = "hourly_costs";
/** What is judged by the hour looks at so many days. */
const HOURLY_DAYS = 35;

type Surroundings = Pick<Runtime, "asOf" | "clock" | "progress">;

/** Makes the relation with the unit costs of this month and the two before it, for the rule about them; gives back its name. */
export async function openRecentUnitCosts(
  { asOf, clock, progress }: Surroundings,
  deps: OpenCostsDeps,
): Promise<string> {
  const today = dayOf(clock.evaluationNow());
  const billingPeriods = monthsOf(`${addMonths(monthOf(today), -2)}-01`, today);
  const missing = await openUnitCosts(deps, { asOf, billingPeriods }, UNITS);
  if (missing.length > 0) {
    progress.note(`unit costs of ${missing.join(", ")} are not judged: their rows stay where they are`);
  }
  return UNITS;
}

/** Makes the relation with the hourly costs of the newest five weeks; gives back its name. */
export async function openRecentHourlyCosts(
  { asOf, clock, progress, costsQuery }: Surroundings & Pick<Runtime, "costsQuery">,
  deps: OpenCostsDeps,
): Promise<string> {
  const today = dayOf(clock.evaluationNow());
  const billingPeriods = monthsOf(addDays(today, -HOURLY_DAYS), today);
  const missing = await openHourlyCosts(deps, { ...costsQuery(), asOf, billingPeriods }, HOURS);
  if (missing.length > 0) {
    progress.note(`costs by the hour of ${missing.join(", ")} are not judged: their rows stay where they are`);
  }
  return HOURS;
}

/** The months in which these days are. */
function monthsOf(first: Day, last: Day): Month[] {
  const months: Month[] = [];
  for (let month = monthOf(first); month <= monthOf(last); month = addMonths(month, 1)) months.push(month);
  return months;
}
