import { GenOpsError } from "../../../core/errors.ts";
import { addDays, addMonths, type Day, dayOf, type Month, monthDays } from "../../../core/period.ts";

/** Daily data: the current month and so many before it (`reference/clouds.md` §1.1). */
const MONTHS_KEPT = 13;
/** AWS may change a closed month so long after its end. */
const SETTLING_DAYS = 14;

/** Days to ask for, the end exclusive; undefined: the month has not begun. Refuses what AWS would refuse, before it costs anything. */
export function askedDays(period: Month, now: Date): { start: Day; end: Day } | undefined {
  const today = dayOf(now);
  const current = today.slice(0, 7);
  const oldest = addMonths(current, -MONTHS_KEPT);
  if (period > current) return undefined;
  if (period < oldest) {
    throw new GenOpsError(
      "usage",
      `Cost Explorer has daily costs from ${oldest} on, not of ${period}; older months come from a data export (aws-data-export)`,
    );
  }
  const days = monthDays(period);
  const tomorrow = addDays(today, 1);
  return days.end > tomorrow ? { ...days, end: tomorrow } : days;
}

/** Whether AWS will not change this month any more, looked at on that day. */
export function isSettled(period: Month, lookedAt: Date): boolean {
  return addDays(monthDays(period).end, SETTLING_DAYS) <= dayOf(lookedAt);
}
