import { COMPLETE } from "../../../ledger/completeness/completeness.ts";
import { createLagLearner, type LagLearner } from "../../../ledger/completeness/lag-learner.ts";
import type { Completeness } from "../types.ts";
import type { KnownPeriods } from "./known-periods.ts";

/** Learns how complete the newest periods of one series are when it is looked at, from the looks so far. */
export interface LookLags {
  /** One look; every period before `changedFrom` is as it was. */
  see(periods: KnownPeriods, changedFrom: number): void;
  /** As `KnownSeries` wants it, for the look seen last. */
  completeness(): readonly Completeness[];
}

/** Ages that are told at every look, whether they changed or not: another look may have told of the change. */
const FOLLOWED = 6;
/** Older changes teach nothing any more. */
const OLDEST = 45;
/** So many looks between two periods are told apart. */
const MOST_LOOKS = 24;

/**
 * Where a series is looked at several times before its next period appears, each of those looks learns for itself: the morning's look at
 * a day sees less than the evening's. A look that is seldom had takes from the one before it what it does not know yet.
 */
export function createLookLags(): LookLags {
  const learners: LagLearner[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let look = 0;

  function learnerOf(index: number): LagLearner {
    const before = learners[index - 1];
    learners[index] ??= createLagLearner(
      before === undefined ? {} : { prior: (age) => before.completeness()[age] ?? COMPLETE },
    );
    return learners[index];
  }

  return {
    see(periods, changedFrom) {
      look = periods.newest() > newest ? 0 : Math.min(look + 1, MOST_LOOKS - 1);
      newest = periods.newest();
      const learner = learnerOf(look);
      const costs = periods.costs();
      const from = Math.max(Math.min(changedFrom, newest - FOLLOWED + 1), newest - OLDEST, periods.oldest());
      for (let period = from; period <= newest; period += 1) {
        const cost = costs[period - periods.oldest()] ?? Number.NaN;
        if (!Number.isNaN(cost)) learner.see(newest, period, cost);
      }
    },
    completeness: () => learnerOf(look).completeness(),
  };
}
