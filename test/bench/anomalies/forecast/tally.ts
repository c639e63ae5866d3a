import type { Answer } from "./forecasters.ts";
import type { Question } from "./months.ts";

/** Sums over months, from which all figures come. A month counts in units of its series' level × its days, or in money. */
export interface Tally {
  months: number;
  error: number;
  actual: number;
  moneyError: number;
  money: number;
  pinball: number;
  below: number;
  above: number;
}

export function createTally(): Tally {
  return { months: 0, error: 0, actual: 0, moneyError: 0, money: 0, pinball: 0, below: 0, above: 0 };
}

export function count(tally: Tally, { series, first, past }: Question, actual: number, answer: Answer): void {
  const unit = series.character.level * (past - first);
  tally.months += 1;
  tally.error += Math.abs(answer.point - actual) / unit;
  tally.actual += actual / unit;
  tally.moneyError += Math.abs(answer.point - actual);
  tally.money += actual;
  tally.pinball += (pinball(0.1, actual, answer.low) + pinball(0.5, actual, answer.point)) / unit;
  tally.pinball += pinball(0.9, actual, answer.high) / unit;
  if (actual < answer.low) tally.below += 1;
  if (actual > answer.high) tally.above += 1;
}

function pinball(part: number, actual: number, quantile: number): number {
  return actual >= quantile ? part * (actual - quantile) : (1 - part) * (quantile - actual);
}

/** Σ|forecast − actual| ÷ Σ actual, in percent, every series alike. */
export const wape = (tally: Tally) => (100 * tally.error) / tally.actual;
/** The same in money, so that dear series count more. */
export const moneyWape = (tally: Tally) => (100 * tally.moneyError) / tally.money;
/** Mean over the quantiles .1, .5 and .9, in percent of the actual cost. */
export const pinballLoss = (tally: Tally) => (100 * tally.pinball) / 3 / tally.actual;
/** Percent of the months that ended inside the interval. */
export const coverage = (tally: Tally) => 100 - (100 * (tally.below + tally.above)) / tally.months;
