import type { Completeness } from "../types.ts";
import { leafAt } from "./leaf-at.ts";
import type { LeafSeries, LeafTable, SeriesNode } from "./types.ts";

/** How complete the newest days of a provider's service are, `[0]` of the day that ended last. `""` where the series do not tell services apart. */
export type CompletenessOf = (provider: string, service: string) => readonly Completeness[];

/** Cost of so many days says how much a leaf weighs in its sum. */
const WEIGHED_DAYS = 28;

/** Per leaf; leaves of one provider and service share one answer. */
export function leafCompleteness(table: LeafTable, completenessOf: CompletenessOf): (readonly Completeness[])[] {
  const service = table.by.indexOf("service");
  const known = new Map<string, readonly Completeness[]>();
  return table.leaves.map(({ provider, values }) => {
    const own = values[service] ?? "";
    const name = `${provider}\n${own}`;
    const answer = known.get(name) ?? completenessOf(provider, own);
    known.set(name, answer);
    return answer;
  });
}

/**
 * Per series how complete its newest days are: the mean over its leaves by cost. Spreads are averaged likewise, as if providers were late
 * with all services at once: too wide rather than too narrow.
 */
export function nodeCompleteness(
  table: LeafTable,
  ofLeaf: readonly (readonly Completeness[])[],
): (node: SeriesNode) => readonly Completeness[] {
  return ({ leaves }) => {
    const parts = leaves.map((leaf) => ofLeaf[leaf] ?? []);
    const [first = []] = parts;
    return parts.every((part) => part === first) ? first : mixed(parts, weightsOf(table, leaves));
  };
}

function weightsOf(table: LeafTable, leaves: readonly number[]): number[] {
  const weights = leaves.map((leaf) => recentCost(leafAt(table, leaf)));
  return weights.some((weight) => weight > 0) ? weights : leaves.map(() => 1);
}

function recentCost({ costs }: LeafSeries): number {
  let sum = 0;
  for (const cost of costs.subarray(-WEIGHED_DAYS)) if (cost > 0) sum += cost;
  return sum;
}

function mixed(parts: readonly (readonly Completeness[])[], weights: readonly number[]): Completeness[] {
  const ages = Math.max(...parts.map(({ length }) => length));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: ages }, (_none, age) => {
    let share = 0;
    let spread = 0;
    for (const [index, weight] of weights.entries()) {
      const part = parts[index]?.[age] ?? { share: 1, spread: 0 };
      share += (weight / whole) * part.share;
      spread += (weight / whole) * part.spread;
    }
    return { share, spread };
  });
}
