import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import { HISTORY_DAYS } from "../../../../shared/governance/budgets/history-query.ts";
import { forecastRest } from "../../../../shared/governance/forecasts/forecast-rest.ts";
import type { Question } from "./months.ts";

/** The month's cost: median and the ends of an 80 % interval. */
export interface Answer {
  point: number;
  low: number;
  high: number;
}

export type Forecaster = (question: Question) => Answer;

/** The product's, with as much history as it reads. */
export const product: Forecaster = ({ series, known, completeness, asked, first, past }) => {
  const from = Math.max(0, asked - HISTORY_DAYS);
  const start = series.start + from * DAY_MS;
  const days = { start, costs: known.subarray(from), completeness, ahead: new Float64Array() };
  const at = (day: number) => series.start + day * DAY_MS;
  const { rest, low, high } = forecastRest([days], at(first), at(past));
  const actual = sumOf(known, first, asked);
  return { point: actual + rest, low: actual + low, high: actual + high };
};

/** Days of its own past that the naive forecaster learns its errors from. */
const OWN_PAST = 100;

/**
 * What is known of the month, and for every day to come the same weekday of the last week. Its interval has the quantiles of its own errors
 * over as many days, at every origin of the last hundred days.
 */
export const seasonalNaive: Forecaster = ({ known, asked, first, past }) => {
  const ahead = past - asked;
  const rest = repeated(known, asked, ahead);
  const ratios: number[] = [];
  for (let origin = Math.max(7, asked - OWN_PAST); origin + ahead <= asked; origin += 1) {
    const forecast = repeated(known, origin, ahead);
    if (forecast > 0) ratios.push(sumOf(known, origin, origin + ahead) / forecast);
  }
  ratios.sort((a, b) => a - b);
  const quantile = (part: number) => ratios[Math.min(ratios.length - 1, Math.floor(part * ratios.length))] ?? 1;
  const actual = sumOf(known, first, asked);
  return { point: actual + rest, low: actual + rest * quantile(0.1), high: actual + rest * quantile(0.9) };
};

function repeated(known: Float64Array, origin: number, days: number): number {
  let sum = 0;
  for (let day = 0; day < days; day += 1) sum += known[origin - 7 + (day % 7)] ?? 0;
  return sum;
}

export function sumOf(costs: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let day = from; day < to; day += 1) sum += costs[day] ?? 0;
  return sum;
}
