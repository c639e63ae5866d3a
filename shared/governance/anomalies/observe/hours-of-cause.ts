import { at } from "../../../core/at.ts";
import { likePeriods, medianOf } from "../hierarchy/leaf-excess.ts";
import type { LeafTable } from "../series/types.ts";
import { DAY_MS } from "../types.ts";
import type { StandingCause } from "./judge-once.ts";

/** The hours that a cause makes unusual, and what they usually cost. */
export interface HoursOfCause {
  /** Milliseconds since 1970, the end exclusive. */
  from: number;
  to: number;
  /** Cost over them as the series has it, and what was expected. */
  actual: number;
  expected: number;
  /** The newest hour that is known belongs to it. */
  lasts: boolean;
  /** The hour that decided. */
  decided: UsualCost;
}

/** What an hour usually costs. */
export interface UsualCost {
  expected: number;
  lower: number;
  upper: number;
}

/**
 * A watch decides by what is odd about an hour: the hour before, yesterday, the mean of some hours. People are told what these hours cost in
 * the weeks before: the median of up to four, and the range in which they were; with less than two weeks, of all hours of the fortnight.
 * Hours after the one that decided belong to the cause as long as they are at least half as far off.
 */
export function hoursOfCause(cause: StandingCause, table: LeafTable): HoursOfCause {
  const { now: alert, node } = cause;
  const { step = DAY_MS } = table;
  const indexOf = (instant: number) => Math.max(0, Math.round((instant - Date.parse(table.start)) / step));
  const [first, decisive] = [indexOf(alert.since), indexOf(alert.at)];
  const usualAt = usualCosts(cause, table, { first, decisive });
  const sign = alert.direction === "up" ? 1 : -1;
  const offAt = (index: number) => sign * (at(node.costs, index) - usualAt(index).expected);
  const least = offAt(decisive) / 2;
  let next = decisive + 1;
  while (isKnown(node.costs, next) && offAt(next) >= least) next += 1;
  let actual = 0;
  let expected = 0;
  for (let index = first; index < next; index += 1) {
    if (!isKnown(node.costs, index)) continue;
    actual += at(node.costs, index);
    expected += usualAt(index).expected;
  }
  const start = Date.parse(table.start);
  const lasts = !isKnown(node.costs, next);
  return { from: start + first * step, to: start + next * step, actual, expected, lasts, decided: usualAt(decisive) };
}

/** Where the weeks before say nothing else than the hour that decided, what the watch expected stands. */
function usualCosts(
  { now: alert, node }: StandingCause,
  { step = DAY_MS }: LeafTable,
  { first, decisive }: { first: number; decisive: number },
): (index: number) => UsualCost {
  const perDay = Math.round(DAY_MS / step);
  const usualAt = (index: number) => {
    const like = likePeriods(node.costs, first, { day: index, perDay });
    return { expected: medianOf(like), lower: at(like, 0), upper: at(like, like.length - 1) };
  };
  const { expected, lower, upper } = alert;
  const { expected: usual } = usualAt(decisive);
  const isSaid = alert.direction === "up" ? alert.actual > usual : alert.actual < usual;
  return isSaid ? usualAt : () => ({ expected, lower, upper });
}

function isKnown(costs: Float64Array, index: number): boolean {
  return index < costs.length && !Number.isNaN(at(costs, index));
}
