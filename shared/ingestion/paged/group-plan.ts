import { GenOpsError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { BillLine, Keys } from "./bill-lines.ts";

/**
 * How APIs that group by two keys at most tell more. A base query carries the money. With three keys it groups by the first one, with four
 * by the first two; for every group that it finds, a slice asks for the costs of exactly this group, by the other two keys. What the slices
 * of a group do not add up to (nothing, unless the provider rounds or restates in between) stays in a line of its own, so that the sum is
 * the base query's to the last digit whatever the slices answer.
 */
export interface GroupPlan {
  base: readonly string[];
  slice: readonly string[];
}

const MOST_KEYS = 4;

export function groupPlan(keys: readonly string[]): GroupPlan {
  if (keys.length > MOST_KEYS) {
    throw new GenOpsError(
      "config",
      `groupBy comes to ${keys.join(", ")}; at most ${MOST_KEYS} keys can be told apart exactly`,
      {
        place: { field: "groupBy" },
      },
    );
  }
  return keys.length <= 2 ? { base: keys, slice: [] } : { base: keys.slice(0, -2), slice: keys.slice(-2) };
}

/** The groups of a base query that have a cost and can be asked for one by one, in the order of their keys. */
export function sliceConditions(lines: readonly BillLine[], canAsk: (keys: Keys) => boolean): Keys[] {
  const groups = new Map<string, Keys>();
  for (const { base, amount } of lines) {
    if (/[1-9]/.test(amount.split(/e/i, 1)[0] ?? "") && canAsk(base)) groups.set(canonicalJson(base), base);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, keys]) => keys);
}
