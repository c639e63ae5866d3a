import type { NodePool } from "../../inventory/types.ts";
import type { PlacedPod, SizedNode } from "./cluster-state.ts";

/** What became of one pool. */
export interface PoolOutcome {
  /** Empty: nodes of no pool. */
  name: string;
  pool: NodePool | undefined;
  /** Those that its autoscaler would not have removed anyway. */
  nodes: readonly SizedNode[];
  released: readonly SizedNode[];
  /** Stay because of a mark or of pods that cannot be moved. */
  held: number;
  /** Per step the pods that go on its nodes. */
  taken: readonly (readonly PlacedPod[])[];
}

/** Why freed room is not given back, pool by pool. */
export function remarksOf(pools: readonly PoolOutcome[]): string[] {
  return pools.flatMap((outcome) => {
    const freed = outcome.taken.reduce((total, pods) => total + pods.length, 0);
    if (freed === 0 && outcome.released.length === 0) return [];
    return remarksOn(outcome, freed);
  });
}

function remarksOn({ name, pool, nodes, released, held }: PoolOutcome, freed: number): string[] {
  const called = name === "" ? "nodes of no known pool" : `pool ${name}`;
  if (pool?.autoscaled !== true)
    return [
      `${called}: no autoscaler is known to remove its nodes, so the ${podsText(freed)} freed there save nothing`,
    ];
  const paid = released.filter(({ worth }) => worth === 0n).length;
  const stay = nodes.length - released.length;
  return [
    ...(stay === 0 ? [] : [`${stay} of ${nodes.length} nodes stay: ${called} ${whyStaying({ pool, stay, held })}`]),
    ...(paid === 0
      ? []
      : [`${called}: ${paid} of the ${released.length} released nodes are paid for anyway (reserved or committed)`]),
  ];
}

function whyStaying({ pool, stay, held }: { pool: NodePool; stay: number; held: number }): string {
  if (stay <= pool.minNodes) return `has minNodes ${pool.minNodes}`;
  if (pool.removes === "empty") return "gives back empty nodes only";
  const pods = held === 0 ? "" : `${held} of them have pods or marks that keep them; `;
  const rule = pool.removes === "below-half" ? "requests are below half of a node and " : "";
  return `${pods === "" ? "" : `(${pods.slice(0, -2)}) `}gives a node back only where ${rule}its pods fit elsewhere`;
}

function podsText(count: number): string {
  return count === 1 ? "1 pod" : `${count} pods`;
}
