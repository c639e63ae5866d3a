import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import type { KnownDays } from "../../../../shared/governance/forecasts/forecast-rest.ts";
import type { Completeness } from "../../../../shared/ledger/completeness/completeness.ts";

/** Days that end before `today`. */
export function knownDays(
  today: string,
  costs: readonly number[],
  completeness: readonly Completeness[] = [],
): KnownDays {
  return {
    start: Date.parse(today) - costs.length * DAY_MS,
    costs: Float64Array.from(costs),
    completeness,
    ahead: new Float64Array(),
  };
}

/** One cost per day before `today`, by its date. */
export function costsBefore(today: string, days: number, cost: (date: Date, index: number) => number): number[] {
  const start = Date.parse(today) - days * DAY_MS;
  return Array.from({ length: days }, (_none, index) => cost(new Date(start + index * DAY_MS), index));
}

/** Repeatable scatter between −1 and 1. */
export function wobble(index: number): number {
  return Math.sin(index * 12.9898) * Math.cos(index * 4.1414);
}
