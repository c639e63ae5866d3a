import { at } from "../../../core/at.ts";
import { leafAt } from "./leaf-at.ts";
import { levelsOf } from "./levels.ts";
import type { LeafTable, SeriesNode } from "./types.ts";

/**
 * The series of all levels, the coarsest level first. A series that is the same as a finer one (an account with a single service) is
 * only there as the finest: the same money is watched once.
 */
export function seriesNodes(table: LeafTable): SeriesNode[] {
  const levels = levelsOf(table.by).map((dimensions) => membersOf(table, dimensions));
  return levels.flatMap((level) =>
    [...level.members.values()]
      .filter((leaves) => !levels.some((finer) => isFiner(finer, level) && sameIn(finer, leaves)))
      .map((leaves) => nodeOf(table, level.dimensions, leaves)),
  );
}

interface Level {
  dimensions: readonly string[];
  /** Leaves by name. */
  members: Map<string, number[]>;
  /** The leaves of the member that each leaf is in. */
  ofLeaf: number[][];
}

function membersOf({ by, leaves }: LeafTable, dimensions: readonly string[]): Level {
  const places = dimensions.map((name) => by.indexOf(name));
  const members = new Map<string, number[]>();
  const ofLeaf: number[][] = [];
  for (const [leaf, { currency, values }] of leaves.entries()) {
    const name = [currency, ...places.map((place) => values[place])].join("\n");
    const member = members.get(name) ?? [];
    members.set(name, member);
    member.push(leaf);
    ofLeaf.push(member);
  }
  return { dimensions, members, ofLeaf };
}

function isFiner(one: Level, other: Level): boolean {
  return (
    one.dimensions.length > other.dimensions.length && other.dimensions.every((name) => one.dimensions.includes(name))
  );
}

/** A finer member lies in the coarser one, so an equal number of leaves means the same leaves. */
function sameIn(finer: Level, leaves: readonly number[]): boolean {
  return finer.ofLeaf[at(leaves, 0)]?.length === leaves.length;
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
