import { type PlacedPod, type SizedNode, utilization } from "./cluster-state.ts";

/**
 * In which order an autoscaler looks at nodes, and from where on it looks for room. Real ones promise none, and what they can remove depends
 * on it: so several are tried. The same number gives the same order in every run.
 */
export interface Order {
  /** Nodes of low rank are tried first. */
  rankOf(node: SizedNode, pods: readonly PlacedPod[]): number;
  /** Pods that move: who looks for room first. */
  queue(pods: readonly PlacedPod[]): readonly PlacedPod[];
  /** Position in a list of so many nodes at which to begin. */
  startAt(count: number): number;
  /** The same order from its beginning: the same question gets the same answer. */
  again(): Order;
}

/** The emptiest node first, its pods by size to the first node that has room. */
export const TIGHT: Order = {
  rankOf: (node, pods) => utilization(node, pods),
  queue: (pods) => [...pods].sort(bySize),
  startAt: () => 0,
  again: () => TIGHT,
};

function bySize({ asks: a }: PlacedPod, { asks: b }: PlacedPod): number {
  return b.gpu - a.gpu || b.cpu - a.cpu || b.memory - a.memory;
}

/** The fullest node first, its pods spread over all: as little as can be removed. */
export function looseOrder(seed: number): Order {
  return {
    ...scatteredOrder(seed),
    rankOf: (node, pods) => -utilization(node, pods),
    again: () => looseOrder(seed),
  };
}

/** Any node first, its pods spread over all: a fixed sequence of numbers that look like chance (a linear congruential generator). */
export function scatteredOrder(seed: number): Order {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  return {
    rankOf: () => next(),
    queue: (pods) => {
      const ranks = new Map(pods.map((placed) => [placed, next()]));
      return [...pods].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
    },
    startAt: (count) => Math.floor(next() * count),
    again: () => scatteredOrder(seed),
  };
}
