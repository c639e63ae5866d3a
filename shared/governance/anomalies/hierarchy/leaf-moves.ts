import { at } from "../../../core/at.ts";
import { leafEvidence } from "../attribution/evidence.ts";
import type { SeriesNode } from "../series/types.ts";
import { type DayRange, type LeafContext, leafCosts } from "./leaf-excess.ts";

/** What each leaf says about a move of a series that it is in, by its place in the table. */
export interface LeafMoves {
  x: Float64Array;
  y: Float64Array;
}

/** Of all leaves of these series, on any days up to today; once for all causes that began on one day. */
export function leafMoves(
  context: LeafContext,
  series: readonly Pick<SeriesNode, "leaves">[],
): (days: DayRange) => LeafMoves {
  const leaves = [...new Set(series.flatMap((one) => one.leaves))];
  const known = new Map<number, LeafMoves>();
  return (days) => {
    const moves = known.get(days.from) ?? movesOf(context, leaves, days);
    known.set(days.from, moves);
    return moves;
  };
}

function movesOf(context: LeafContext, leaves: readonly number[], days: DayRange): LeafMoves {
  const evidence = leafEvidence(leafCosts(context, leaves, days));
  const size = context.table.leaves.length;
  const moves = { x: new Float64Array(size), y: new Float64Array(size) };
  for (const [index, leaf] of leaves.entries()) {
    moves.x[leaf] = at(evidence.x, index);
    moves.y[leaf] = at(evidence.y, index);
  }
  return moves;
}

/** Log-likelihood that one common move of all leaves of a series gains. */
export function gainOf({ leaves }: Pick<SeriesNode, "leaves">, { x, y }: LeafMoves): number {
  let sumX = 0;
  let sumY = 0;
  for (const leaf of leaves) {
    sumX += at(x, leaf);
    sumY += at(y, leaf);
  }
  return sumY > 0 ? sumX ** 2 / (2 * sumY) : 0;
}
