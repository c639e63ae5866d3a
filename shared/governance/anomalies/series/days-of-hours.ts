import { DAY_MS } from "../types.ts";
import type { CompletenessOf } from "./node-completeness.ts";
import type { LeafTable } from "./types.ts";

/**
 * The same series by the day, and how complete the last one is: by the part of its hours that a provider has delivered. A day with any known
 * hour is known.
 */
export function daysOfHours(hours: LeafTable): { table: LeafTable; completenessOf: CompletenessOf } {
  const perDay = Math.round(DAY_MS / (hours.step ?? DAY_MS));
  const days = Math.ceil(hours.days / perDay);
  const leaves = hours.leaves.map((leaf) => ({
    ...leaf,
    costs: Float64Array.from({ length: days }, (_none, day) =>
      sumOfKnown(leaf.costs.subarray(day * perDay, (day + 1) * perDay)),
    ),
  }));
  const shares = new Map(
    hours.leaves.map(({ provider, costs }) => {
      const last = costs.findLastIndex((cost) => !Number.isNaN(cost));
      return [provider, { day: Math.floor(last / perDay), share: ((last % perDay) + 1) / perDay }];
    }),
  );
  const completenessOf: CompletenessOf = (provider) => {
    const { day, share } = shares.get(provider) ?? { day: days - 1, share: 1 };
    return Array.from({ length: days - day }, (_none, age) => ({
      share: age === days - 1 - day ? share : 1,
      spread: 0,
    }));
  };
  return { table: { by: hours.by, start: hours.start, days, leaves }, completenessOf };
}

function sumOfKnown(costs: Float64Array): number {
  let sum = Number.NaN;
  for (const cost of costs) if (!Number.isNaN(cost)) sum = (Number.isNaN(sum) ? 0 : sum) + cost;
  return sum;
}
