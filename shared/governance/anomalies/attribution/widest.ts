import type { CauseLeaves } from "./cause.ts";
import type { Leaves } from "./types.ts";

/** An explanation is enough when it makes this part of the excess (`reference/anomaly.md` §5). */
export const ENOUGH = 0.67;

/** The elements, of the dimension that needs fewest of them, that make enough of the excess: for an excess that is everywhere. */
export function widest(leaves: Leaves): CauseLeaves[] {
  const covers = leaves.dimensions.map((_, dimension) => cover(leaves, dimension));
  const enough = covers.filter((elements) => elements.length > 0);
  return enough.reduce<CauseLeaves[]>((best, own) => (best.length === 0 || own.length < best.length ? own : best), []);
}

/** Nothing where all elements that moved as the whole did do not make enough: cannot be, they make the whole and more. */
function cover({ codes, values, actual, expected }: Leaves, dimension: number): CauseLeaves[] {
  const elements = (values[dimension] ?? []).map(() => ({ moved: 0, leaves: [] as number[] }));
  let excess = 0;
  for (let leaf = 0; leaf < actual.length; leaf++) {
    const moved = (actual[leaf] ?? 0) - (expected[leaf] ?? 0);
    const element = elements[codes[dimension]?.[leaf] ?? 0];
    excess += moved;
    if (element === undefined) continue;
    element.moved += moved;
    element.leaves.push(leaf);
  }
  elements.sort((a, b) => (b.moved - a.moved) * Math.sign(excess));
  let explained = 0;
  const last = elements.findIndex(({ moved }) => {
    explained += moved;
    return explained / excess >= ENOUGH;
  });
  return elements.slice(0, last + 1).map(({ leaves }) => ({ dimensions: [dimension], leaves, gain: 0 }));
}
