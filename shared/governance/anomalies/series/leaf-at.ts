import type { LeafSeries, LeafTable } from "./types.ts";

/** A leaf by its place, which is known to be inside: what `SeriesNode.leaves` holds. */
export function leafAt({ leaves }: Pick<LeafTable, "leaves">, place: number): LeafSeries {
  return leaves[place] as LeafSeries;
}
