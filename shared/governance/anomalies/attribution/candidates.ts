import { at } from "../../../core/at.ts";
import type { Cuboid } from "./cuboids.ts";
import type { LeafEvidence } from "./evidence.ts";
import type { LeafDimension } from "./types.ts";

/** An element, a pair, or everything (no dimension), as a possible cause. */
export interface Candidate {
  /** Its place among the candidates. */
  id: number;
  dimensions: readonly LeafDimension[];
  leaves: Int32Array;
  /** What it costs to name it, in nats: one choice among all cuboids, one among the groups of its cuboid. */
  cost: number;
  /** Of all its leaves, less the cost. */
  gain: number;
}

/** Of each cuboid only the groups that say most are looked at further. */
const PER_CUBOID = 8;

/** The candidates by falling gain. Of several that are the same leaves only the simplest stays, of equally simple ones the first dimension's. */
export function candidatesOf(cuboids: readonly Cuboid[], evidence: LeafEvidence): Candidate[] {
  const seen = new Set<string>();
  const widestChoice = cuboids.reduce((most, { sizes }) => Math.max(most, sizes.length), 1);
  const groups = cuboids.flatMap((cuboid) => {
    const choices = cuboid.dimensions.length === 0 ? widestChoice : cuboid.sizes.length;
    return bestGroups(cuboid, evidence, Math.log(cuboids.length * choices));
  });
  return groups
    .filter(({ identity }) => !seen.has(identity) && seen.add(identity))
    .sort((a, b) => b.gain - a.gain)
    .map(({ cuboid, group, cost, gain }, id) => ({
      id,
      dimensions: cuboid.dimensions,
      leaves: leavesOf(cuboid, group),
      cost,
      gain,
    }));
}

interface Group {
  cuboid: Cuboid;
  group: number;
  cost: number;
  gain: number;
  /** Equal where the leaves are: as many, with the same evidence, added up in the same order. */
  identity: string;
}

function bestGroups(cuboid: Cuboid, evidence: LeafEvidence, cost: number): Group[] {
  const { groupOf, sizes } = cuboid;
  const x = new Float64Array(sizes.length);
  const y = new Float64Array(sizes.length);
  for (let leaf = 0; leaf < groupOf.length; leaf++) {
    const group = at(groupOf, leaf);
    if (group < 0) continue;
    x[group] = at(x, group) + at(evidence.x, leaf);
    y[group] = at(y, group) + at(evidence.y, leaf);
  }
  const gains = x.map((sum, group) => gainOf(sum, at(y, group), cost));
  return largest(gains, PER_CUBOID).map((group) => {
    const identity = `${sizes[group]} ${x[group]} ${y[group]}`;
    return { cuboid, group, cost, gain: at(gains, group), identity };
  });
}

/** Indexes of the `count` largest finite values, by falling value, the first of equal ones first. */
function largest(values: Float64Array, count: number): number[] {
  const chosen: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = at(values, index);
    const last = chosen.length < count ? Number.NEGATIVE_INFINITY : at(values, at(chosen, count - 1));
    if (value <= last) continue;
    const place = chosen.findIndex((other) => at(values, other) < value);
    chosen.splice(place < 0 ? chosen.length : place, 0, index);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}

/** How much more likely leaves with these sums of evidence are by one move of all of them, less the cost of naming them. */
export function gainOf(x: number, y: number, cost: number): number {
  return y > 0 ? (x * x) / (2 * y) - cost : Number.NEGATIVE_INFINITY;
}

function leavesOf({ groupOf, sizes }: Cuboid, group: number): Int32Array {
  const leaves = new Int32Array(at(sizes, group));
  let count = 0;
  for (let leaf = 0; leaf < groupOf.length; leaf++) if (groupOf[leaf] === group) leaves[count++] = leaf;
  return leaves;
}
