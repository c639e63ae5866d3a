import {
  add,
  type Decimal,
  divide,
  formatDecimal,
  fromInteger,
  max,
  min,
  multiply,
  parseDecimal,
  subtract,
  sum,
  ZERO,
} from "../../core/decimal.ts";

/** Two-sided 80 % of a normal distribution. */
const Z80 = 1.2816;

export interface Forecast {
  amount: Decimal;
  /** Ends of the 80 % interval. */
  low: Decimal;
  high: Decimal;
}

/** Daily cost of settled days, reduced to what a mean and a deviation need. */
export interface DailyHistory {
  days: number;
  sum: Decimal;
  /** Σ amount², for the width of the interval only. */
  sumOfSquares: number;
  /** The cheapest day; below zero when credits outweigh a day's cost. */
  lowest: Decimal;
}

export interface RunRateInput {
  /** Cost of the period so far. */
  actual: Decimal;
  history: DailyHistory;
  /** Days of the period that are not settled, today and the days to come. */
  openDays: number;
  /** What is already reported for open days; days that are not named have nothing. Part of `actual`. */
  reported: readonly Decimal[];
}

/**
 * The period's cost if open days turn out like the mean of the settled ones. An open day for which more than the mean is already
 * reported keeps that, so an incomplete day is topped up and a dear one is not cut. The point is exact decimal arithmetic; floats
 * appear only in the width of the 80 % interval: 1.2816 × the sample deviation × √(open days).
 */
export function runRateForecast(input: RunRateInput): Forecast {
  const { actual, history, openDays, reported } = input;
  if (openDays === 0 || history.days === 0) return { amount: actual, low: actual, high: actual };
  const mean = divide(history.sum, fromInteger(history.days));
  const untouched = openDays - reported.length;
  const rest = add(
    multiply(mean, fromInteger(untouched)),
    sum(reported.map((amount) => max(ZERO, subtract(mean, amount)))),
  );
  const amount = add(actual, rest);
  const width = history.days < 2 ? rest : deviationWidth(history, openDays);
  const spread = width < 0n ? ZERO : width;
  const low = subtract(amount, spread);
  const neverNegative = history.lowest >= 0n;
  return { amount, low: neverNegative ? max(low, actual) : low, high: add(amount, spread) };
}

function deviationWidth(history: DailyHistory, openDays: number): Decimal {
  const total = Number(formatDecimal(history.sum));
  const variance = Math.max(0, (history.sumOfSquares - (total * total) / history.days) / (history.days - 1));
  const width = Math.sqrt(variance) * Z80 * Math.sqrt(openDays);
  // Six digits are more than the statistics know, and hide in which order the engine added up.
  return parseDecimal(width.toPrecision(6));
}

/** History of consecutive settled days, one amount each. */
export function dailyHistory(amounts: readonly Decimal[]): DailyHistory {
  const squares = amounts.map((amount) => Number(formatDecimal(amount)) ** 2);
  return {
    days: amounts.length,
    sum: sum(amounts),
    sumOfSquares: squares.reduce((a, b) => a + b, 0),
    lowest: amounts.reduce((a, b) => min(a, b), amounts[0] ?? ZERO),
  };
}
