/** What a series is expected to cost on a day, and how far sums of days may be off. */
export interface DayModel {
  /** Expected cost of the day at an index of the series; indexes beyond its end are days to come. */
  expected(index: number): number;
  /** Standard deviation of one day around what is expected, as a share of it. */
  sigma: number;
  /** How far the sum of so many days to come may lie below and above `expected`: to the ends of an 80 % interval. */
  reach(days: number, expected: number): Reach;
}

/** Distances, ≥ 0, in money. */
export interface Reach {
  down: number;
  up: number;
}
