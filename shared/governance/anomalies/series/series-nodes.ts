import { at } from "../../../core/at.ts";
import { leafAt } from "./leaf-at.ts";
import { levelsOf } from "./levels.ts";
import type { LeafTable, SeriesNode } from "./types.ts";

/**
 * The series of all levels, the coarsest level first. A series that is the same as a finer one (an account with a single service) is
 * only there as the finest: the same money is watched once.
 */
export function seriesNodes(table: LeafTable): SeriesNode[] {
  const { leaves, by } = table;
  const currencies = numbered(leaves.map(({ currency }) => currency));
  const values = by.map((_name, place) => numbered(leaves.map((leaf) => leaf.values[place])));
  const levels = levelsOf(by).map((dimensions) => {
    const places = dimensions.map((name) => by.indexOf(name));
    return levelOf(dimensions, places.map((place) => values[place] ?? currencies).reduce(crossed, currencies));
  });
  return levels.flatMap((level) =>
    level.members
      .filter((member) => !levels.some((finer) => isFiner(finer, level) && sameIn(finer, member)))
      .map((member) => nodeOf(table, level.dimensions, member)),
  );
}

/** Which of `count` groups each leaf is in. */
interface Groups {
  ofLeaf: Int32Array;
  count: number;
}

interface Level {
  dimensions: readonly string[];
  /** Leaves of each group. */
  members: number[][];
  groups: Groups;
}

/** Groups in the order in which their names are first met. */
function numbered(names: readonly (string | number | undefined)[]): Groups {
  const numbers = new Map<string | number | undefined, number>();
  const ofLeaf = Int32Array.from(names, (name) => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  });
  return { ofLeaf, count: numbers.size };
}

/** Leaves that are together in both. */
function crossed(one: Groups, other: Groups): Groups {
  return numbered(Array.from(one.ofLeaf, (group, leaf) => group * other.count + at(other.ofLeaf, leaf)));
}

function levelOf(dimensions: readonly string[], groups: Groups): Level {
  const members = Array.from({ length: groups.count }, (): number[] => []);
  for (let leaf = 0; leaf < groups.ofLeaf.length; leaf += 1) members[at(groups.ofLeaf, leaf)]?.push(leaf);
  return { dimensions, members, groups };
}

function isFiner(one: Level, other: Level): boolean {
  return (
    one.dimensions.length > other.dimensions.length && other.dimensions.every((name) => one.dimensions.includes(name))
  );
}

/** A finer member lies in the coarser one, so an equal number of leaves means the same leaves. */
function sameIn({ members, groups }: Level, leaves: readonly number[]): boolean {
  return members[at(groups.ofLeaf, at(leaves, 0))]?.length === leaves.length;
}

function nodeOf(table: LeafTable, dimensions: readonly string[], leaves: readonly number[]): SeriesNode {
  const { currency, values } = leafAt(table, at(leaves, 0));
  const keys = Object.fromEntries(dimensions.map((name) => [name, String(values[table.by.indexOf(name)])]));
  const id = JSON.stringify([currency, keys]);
  return { id, currency, keys, leaves, costs: sumOf(table, leaves) };
}

function sumOf(table: LeafTable, leaves: readonly number[]): Float64Array {
  if (leaves.length === 1) return leafAt(table, at(leaves, 0)).costs;
  const sum = new Float64Array(table.days);
  for (const leaf of leaves) {
    const { costs } = leafAt(table, leaf);
    for (let day = 0; day < sum.length; day += 1) sum[day] = at(sum, day) + at(costs, day);
  }
  return sum;
}
