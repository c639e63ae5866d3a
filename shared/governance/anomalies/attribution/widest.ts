import { at } from "../../../core/at.ts";
import type { CauseLeaves } from "./cause.ts";
import type { LeafDimension, Leaves } from "./types.ts";

/** An explanation is enough when it makes this part of the excess (`reference/anomaly.md` §5). */
export const ENOUGH = 0.67;

/**
 * The elements, of the dimension that needs fewest of them, that make enough of the excess: for an excess that is everywhere. Of dimensions
 * that need as many, the first. A dimension in which all cost is one element tells nothing, unless none tells more.
 */
export function widest(leaves: Leaves): CauseLeaves[] {
  const varied = leaves.dimensions.filter(({ values }) => values.length > 1);
  const covers = (varied.length > 0 ? varied : leaves.dimensions).map((dimension) => cover(leaves, dimension));
  return covers.sort((a, b) => a.length - b.length)[0] ?? [];
}

function cover({ actual, expected }: Leaves, dimension: LeafDimension): CauseLeaves[] {
  const moved = actual.map((value, leaf) => value - at(expected, leaf));
  const elements = [...Map.groupBy(moved.keys(), (leaf) => at(dimension.codes, leaf)).values()].map((leaves) => ({
    leaves,
    moved: sumAt(moved, leaves),
  }));
  const excess = sumAt(moved, [...moved.keys()]);
  elements.sort((a, b) => (b.moved - a.moved) * Math.sign(excess));
  let explained = 0;
  const last = elements.findIndex((element) => {
    explained += element.moved;
    return explained / excess >= ENOUGH;
  });
  return elements.slice(0, last + 1).map(({ leaves: own }) => ({ dimensions: [dimension], leaves: own, gain: 0 }));
}

function sumAt(values: Float64Array, places: readonly number[]): number {
  return places.reduce((sum, place) => sum + at(values, place), 0);
}
