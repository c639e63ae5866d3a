import { type Decimal, divide, fromInteger, subtract, sum } from "../../core/decimal.ts";
import { addDays, type Day, daysBetween } from "../../core/period.ts";

/** What a cluster's nodes cost on one day, without what commitments pay anyway. */
export interface DayCost {
  day: Day;
  cost: Decimal;
}

export interface RealisedSaving {
  plannedPerHour: Decimal;
  /** Undefined as long as the bill does not tell. Negative: the nodes cost more than before. */
  realisedPerHour?: Decimal;
  /** Days that were compared. */
  days: number;
  /** Why there is no number yet, in words. */
  waitsFor?: string;
}

export interface RealisedQuestion {
  /** Before and after, in any order; a day that is missing is not known. */
  days: readonly DayCost[];
  plannedPerHour: Decimal;
  appliedOn: Day;
  /** When it was restored. */
  endedOn?: Day;
  /** Later days may still change. */
  settledThrough: Day;
}

/** Days before the change that count. */
export const LOOK_BACK = 14;
const HOURS_PER_DAY = fromInteger(24);

/**
 * What steps saved by the bill, beside what the plan said: every settled whole day after the change against the last same weekday before
 * it (else the mean of the days before). It is the cluster's whole change: what else grew or shrank meanwhile is in it.
 */
export function realisedSaving({
  days,
  plannedPerHour,
  appliedOn,
  endedOn,
  settledThrough,
}: RealisedQuestion): RealisedSaving {
  const first = addDays(appliedOn, -LOOK_BACK);
  const before = days.filter(({ day }) => day >= first && day < appliedOn);
  const isAfter = ({ day }: DayCost) =>
    day > appliedOn && day <= settledThrough && (endedOn === undefined || day < endedOn);
  const after = days.filter(isAfter);
  if (before.length === 0)
    return { plannedPerHour, days: 0, waitsFor: `costs of the ${LOOK_BACK} days before ${appliedOn}` };
  if (after.length === 0) return { plannedPerHour, days: 0, waitsFor: `a settled day after ${appliedOn}` };
  const mean = divide(sum(before.map(({ cost }) => cost)), fromInteger(before.length));
  const saved = after.map(({ day, cost }) => subtract(sameWeekday(before, day) ?? mean, cost));
  const perDay = divide(sum(saved), fromInteger(saved.length));
  return { plannedPerHour, realisedPerHour: divide(perDay, HOURS_PER_DAY), days: after.length };
}

function sameWeekday(before: readonly DayCost[], day: Day): Decimal | undefined {
  const same = before.filter((each) => daysBetween(each.day, day) % 7 === 0);
  return same.sort((a, b) => (a.day < b.day ? 1 : -1))[0]?.cost;
}
