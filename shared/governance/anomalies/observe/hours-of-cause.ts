import { at } from "../../../core/at.ts";
import { leafCosts } from "../hierarchy/leaf-excess.ts";
import type { LeafTable } from "../series/types.ts";
import { DAY_MS } from "../types.ts";
import type { StandingCause } from "./judge-once.ts";

/** The hours that a cause makes unusual. */
export interface HoursOfCause {
  /** Milliseconds since 1970, the end exclusive. */
  from: number;
  to: number;
  /** Money off expectation over them, ≥ 0. */
  impact: number;
  /** The newest hour that is known belongs to it. */
  lasts: boolean;
}

/**
 * A watch decides on the first hours. Those after them belong to the same cause as long as they are at least half as far off what the same
 * hours of the weeks before cost.
 */
export function hoursOfCause({ now: alert, node }: StandingCause, table: LeafTable): HoursOfCause {
  const { start, step = DAY_MS } = { ...table, start: Date.parse(table.start) };
  const sign = alert.direction === "up" ? 1 : -1;
  const least = (sign * (alert.actual - alert.expected)) / 2;
  let { impact } = alert;
  let next = Math.round((alert.at - start) / step) + 1;
  for (; isKnown(node.costs, next); next += 1) {
    const expected = sumOf(leafCosts({ table, completeness: [] }, node.leaves, { from: next, to: next }).expected);
    const off = sign * (at(node.costs, next) - expected);
    if (off < least) break;
    impact += off;
  }
  return { from: alert.since, to: start + next * step, impact, lasts: !isKnown(node.costs, next) };
}

function isKnown(costs: Float64Array, index: number): boolean {
  return index < costs.length && !Number.isNaN(at(costs, index));
}

function sumOf(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
