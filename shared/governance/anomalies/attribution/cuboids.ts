import { at } from "../../../core/at.ts";
import type { LeafDimension, Leaves } from "./types.ts";

/** Groups of leaves that no, one or two dimensions together make. */
export interface Cuboid {
  /** Up to two. */
  dimensions: readonly LeafDimension[];
  /** Per leaf, its group; -1 where it is in none. */
  groupOf: Int32Array;
  /** Per group, how many leaves it has. */
  sizes: Int32Array;
}

/**
 * Pairs are made of this many elements per dimension: those whose leaves moved the most money, up and down. The leaves of a pair that made
 * an excess are among them, and the time does not grow with the square of the elements.
 */
const MOST_PAIRED = 250;

/** The cuboid of no dimension, which is one group, then those of one dimension, then those of two. */
export function cuboidsOf(leaves: Leaves): Cuboid[] {
  const whole = cuboid([], new Int32Array(leaves.actual.length), 1);
  const singles = leaves.dimensions.map((one) => cuboid([one], one.codes, one.values.length));
  const paired = singles.map((one) => mostMoved(one, leaves));
  const pairs = paired.flatMap((first, d) => paired.slice(d + 1).map((second) => pair(first, second)));
  return [whole, ...singles, ...pairs];
}

/** The same cuboid with only the groups that moved most, numbered anew. */
function mostMoved(one: Cuboid, { actual, expected }: Leaves): Cuboid {
  const count = one.sizes.length;
  if (count <= MOST_PAIRED) return one;
  const moved = new Float64Array(count);
  for (let leaf = 0; leaf < actual.length; leaf++) {
    const group = at(one.groupOf, leaf);
    moved[group] = at(moved, group) + Math.abs(at(actual, leaf) - at(expected, leaf));
  }
  const kept = Array.from(moved.keys())
    .sort((a, b) => at(moved, b) - at(moved, a))
    .slice(0, MOST_PAIRED);
  const numbers = new Int32Array(count).fill(-1);
  for (const [number, group] of kept.entries()) numbers[group] = number;
  return cuboid(
    one.dimensions,
    one.groupOf.map((group) => at(numbers, group)),
    kept.length,
  );
}

function pair(first: Cuboid, second: Cuboid): Cuboid {
  const columns = second.sizes.length;
  /** Number of each cell that occurs, from 1. */
  const numbers = new Int32Array(first.sizes.length * columns);
  const groupOf = new Int32Array(first.groupOf.length).fill(-1);
  let count = 0;
  for (let leaf = 0; leaf < groupOf.length; leaf++) {
    const [row, column] = [at(first.groupOf, leaf), at(second.groupOf, leaf)];
    if (row < 0 || column < 0) continue;
    const cell = row * columns + column;
    if (numbers[cell] === 0) numbers[cell] = ++count;
    groupOf[leaf] = at(numbers, cell) - 1;
  }
  return cuboid([...first.dimensions, ...second.dimensions], groupOf, count);
}

function cuboid(dimensions: readonly LeafDimension[], groupOf: Int32Array, count: number): Cuboid {
  const sizes = new Int32Array(count);
  for (let leaf = 0; leaf < groupOf.length; leaf++) {
    const group = at(groupOf, leaf);
    if (group >= 0) sizes[group] = at(sizes, group) + 1;
  }
  return { dimensions, groupOf, sizes };
}
