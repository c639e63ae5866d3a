import type { Amounts, SizedNode } from "./cluster-state.ts";

/** What is free on the nodes of one class, in their order, as a tree of maxima: the first node with room is found without asking all. */
export interface Room {
  /** The first node (its index in the cluster) from a place in the order on, then from its start, that has room and is accepted. */
  find(asks: Amounts, accepts: (node: number) => boolean, from: number): number | undefined;
  /** Adds to (or with `sign` -1 takes from) what is free on a node. */
  change(node: number, asks: Amounts, sign: 1 | -1): void;
  /** Takes a node out, or puts it back as it was. */
  close(node: number): void;
  open(node: number): void;
  copy(): Room;
}

/** Four numbers per node of the tree: cpu, memory, gpu, pods. */
const WIDTH = 4;

export function createRoom(members: readonly number[], nodes: readonly SizedNode[]): Room {
  const leaves = 2 ** Math.ceil(Math.log2(Math.max(1, members.length)));
  const free = new Float64Array(2 * leaves * WIDTH).fill(-1);
  const positions = new Map(members.map((node, position) => [node, position]));
  for (const [position, node] of members.entries()) {
    const { size, pods } = nodes[node] as SizedNode;
    free.set([size.cpu, size.memory, size.gpu, pods], (leaves + position) * WIDTH);
  }
  for (let at = leaves - 1; at >= 1; at--) raise(free, at);
  return roomOver({ members, positions, leaves, free, closed: new Map() });
}

type Accepts = (node: number) => boolean;

interface Tree {
  members: readonly number[];
  positions: ReadonlyMap<number, number>;
  leaves: number;
  free: Float64Array;
  /** What closed nodes had. */
  closed: Map<number, Float64Array>;
}

function roomOver(tree: Tree): Room {
  const { positions, leaves, free, closed } = tree;
  const leafOf = (node: number): number => leaves + (positions.get(node) ?? 0);
  const refresh = (leaf: number): void => {
    for (let at = leaf >> 1; at >= 1; at >>= 1) raise(free, at);
  };
  return {
    find: (asks, accepts, from) =>
      seek(tree, { asks, accepts, from }, 1, 0, leaves) ??
      (from === 0 ? undefined : seek(tree, { asks, accepts, from: 0 }, 1, 0, leaves)),
    change(node, asks, sign) {
      const held = closed.get(node);
      if (held !== undefined) {
        shift(held, 0, asks, sign);
        return;
      }
      shift(free, leafOf(node) * WIDTH, asks, sign);
      refresh(leafOf(node));
    },
    close(node) {
      const start = leafOf(node) * WIDTH;
      closed.set(node, free.slice(start, start + WIDTH));
      free.fill(-1, start, start + WIDTH);
      refresh(leafOf(node));
    },
    open(node) {
      free.set(closed.get(node) ?? [], leafOf(node) * WIDTH);
      closed.delete(node);
      refresh(leafOf(node));
    },
    copy: () => roomOver({ ...tree, free: free.slice(), closed: new Map([...closed].map(([k, v]) => [k, v.slice()])) }),
  };
}

interface Wish {
  asks: Amounts;
  accepts: Accepts;
  from: number;
}

/** Below `at`, whose leaves are `count` from position `start` on; not before `wish.from`. The innermost loop: no objects are made here. */
function seek(tree: Tree, wish: Wish, at: number, start: number, count: number): number | undefined {
  if (start + count <= wish.from || !has(tree.free, at * WIDTH, wish.asks)) return undefined;
  if (count > 1) {
    const half = count / 2;
    return seek(tree, wish, 2 * at, start, half) ?? seek(tree, wish, 2 * at + 1, start + half, half);
  }
  const node = tree.members[start];
  return node !== undefined && wish.accepts(node) ? node : undefined;
}

function shift(free: Float64Array, at: number, { cpu, memory, gpu }: Amounts, sign: 1 | -1): void {
  free[at] = (free[at] ?? 0) + sign * cpu;
  free[at + 1] = (free[at + 1] ?? 0) + sign * memory;
  free[at + 2] = (free[at + 2] ?? 0) + sign * gpu;
  free[at + 3] = (free[at + 3] ?? 0) + sign;
}

function has(free: Float64Array, at: number, { cpu, memory, gpu }: Amounts): boolean {
  return (
    (free[at] ?? -1) >= cpu &&
    (free[at + 1] ?? -1) >= memory &&
    (free[at + 2] ?? -1) >= gpu &&
    (free[at + 3] ?? -1) >= 1
  );
}

function raise(free: Float64Array, at: number): void {
  const start = at * WIDTH;
  const left = 2 * at * WIDTH;
  const right = left + WIDTH;
  for (let offset = 0; offset < WIDTH; offset++) {
    free[start + offset] = Math.max(free[left + offset] ?? -1, free[right + offset] ?? -1);
  }
}
