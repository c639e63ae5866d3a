import type { BudgetPeriod } from "../../config/types.ts";
import { addDays, addMonths, type Day, monthDays, monthOf, type Period } from "../../core/period.ts";

/**
 * The budget period that contains a UTC day. Months, quarters and years select by billing period; days, weeks (ISO, from Monday) and
 * custom ranges by charge date. A custom period is the same on every day, also before its start and after its end.
 */
export function budgetPeriod(period: BudgetPeriod, day: Day): Period {
  const month = monthOf(day);
  switch (period.every) {
    case "day":
      return { start: day, end: addDays(day, 1), basis: "charge" };
    case "week": {
      const monday = addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
      return { start: monday, end: addDays(monday, 7), basis: "charge" };
    }
    case "month":
      return { ...monthDays(month), basis: "billing" };
    case "quarter": {
      const first = addMonths(month, -((Number(month.slice(5)) - 1) % 3));
      return { start: `${first}-01`, end: `${addMonths(first, 3)}-01`, basis: "billing" };
    }
    case "year":
      return {
        start: `${month.slice(0, 4)}-01-01`,
        end: `${addMonths(`${month.slice(0, 4)}-01`, 12)}-01`,
        basis: "billing",
      };
    case "custom":
      return { start: period.start, end: period.end, basis: "charge" };
  }
}

/**
 * Earlier periods that still need a look: those whose last day may be unsettled on `today`, so that a late bill can still fire a
 * threshold of the month (or the day) before.
 */
export function unsettledPeriods(period: BudgetPeriod, today: Day, longestSettling: number): Day[] {
  if (period.every === "custom") return [];
  const starts: Day[] = [];
  let earlier = budgetPeriod(period, addDays(budgetPeriod(period, today).start, -1));
  while (earlier.end > addDays(today, -longestSettling)) {
    starts.push(earlier.start);
    earlier = budgetPeriod(period, addDays(earlier.start, -1));
  }
  return starts;
}
