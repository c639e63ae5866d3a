import { type ClusterState, type PlacedPod, type SizedNode, utilization } from "./cluster-state.ts";
import type { Eligibility, NodeClass } from "./eligibility.ts";
import type { Order } from "./order.ts";
import { createRoom, type Room } from "./room.ts";

/** Nodes and pods while an autoscaler works on them. */
export interface Simulation {
  order: Order;
  /** Pods by node, daemons too. */
  pods: PlacedPod[][];
  /** By index of a pod: the node that it is on. */
  places: Int32Array;
  released: Set<number>;
  rooms: Room[];
  state: ClusterState;
  eligibility: Eligibility;
}

export function startSimulation(state: ClusterState, eligibility: Eligibility, order: Order): Simulation {
  const pods: PlacedPod[][] = state.nodes.map(() => []);
  const rooms = eligibility.classes.map(({ members }) => createRoom(members, state.nodes));
  const places = new Int32Array(state.pods.length);
  const simulation = { order, pods, places, released: new Set<number>(), rooms, state, eligibility };
  for (const pod of state.pods) place(simulation, pod, pod.home);
  return simulation;
}

export function copyOf(simulation: Simulation): Simulation {
  return {
    ...simulation,
    order: simulation.order.again(),
    pods: simulation.pods.map((pods) => pods.slice()),
    places: simulation.places.slice(),
    released: new Set(simulation.released),
    rooms: simulation.rooms.map((room) => room.copy()),
  };
}

/** Takes pods away, wherever they are by now. */
export function removePods(simulation: Simulation, gone: Iterable<PlacedPod>): void {
  for (const placed of gone) unplace(simulation, placed, simulation.places[placed.index] ?? placed.home);
}

/**
 * Lets the autoscalers of all pools remove what they would: nodes one after another, each when its pool's rule allows it and its pods fit
 * elsewhere. The others only get fuller, so that a node that could not go is not asked again.
 */
export function consolidate(simulation: Simulation): void {
  const { nodes } = simulation.state;
  const left = new Map<string, number>();
  for (const { pool, index } of nodes)
    if (pool !== undefined && !simulation.released.has(index)) left.set(pool.name, (left.get(pool.name) ?? 0) + 1);
  const candidates = nodes
    .filter(({ index, pool, node }) => pool?.autoscaled === true && !node.kept && !simulation.released.has(index))
    .map((node) => ({ node, rank: simulation.order.rankOf(node, simulation.pods[node.index] ?? []) }))
    .sort((a, b) => a.rank - b.rank || a.node.index - b.node.index);
  for (const { node } of candidates) {
    const { pool, index } = node;
    if (pool === undefined || (left.get(pool.name) ?? 0) <= pool.minNodes) continue;
    if (!release(simulation, node)) continue;
    simulation.released.add(index);
    left.set(pool.name, (left.get(pool.name) ?? 0) - 1);
  }
}

/** cluster-autoscaler's threshold (`--scale-down-utilization-threshold`). */
const HALF = 0.5;

function release(simulation: Simulation, candidate: SizedNode): boolean {
  const { index, pool } = candidate;
  const pods = simulation.pods[index] ?? [];
  const moving = pods.filter(({ pod }) => !pod.daemon);
  if (moving.some(({ pod }) => pod.immovable)) return false;
  if (moving.length > 0 && pool?.removes === "empty") return false;
  if (pool?.removes === "below-half" && utilization(candidate, pods) >= HALF) return false;
  const room = roomOf(simulation, index);
  room?.close(index);
  // Asked first because it is cheap: mostly one pod fits nowhere, a large one.
  const isHopeless = moving.some((placed) => findPlace(simulation, placed, 0) === undefined);
  if (!isHopeless && moveAll(simulation, moving, index)) return true;
  room?.open(index);
  return false;
}

/** All of them or none. */
function moveAll(simulation: Simulation, moving: readonly PlacedPod[], from: number): boolean {
  const moved: { placed: PlacedPod; to: number }[] = [];
  for (const placed of simulation.order.queue(moving)) {
    const to = findPlace(simulation, placed, 1);
    if (to === undefined) {
      for (const { placed: back, to: there } of moved) {
        unplace(simulation, back, there);
        place(simulation, back, from);
      }
      return false;
    }
    unplace(simulation, placed, from);
    place(simulation, placed, to);
    moved.push({ placed, to });
  }
  return true;
}

/** Over the nodes of all classes that take the pod, as if they were one list; `scattered` 0: from its start. */
function findPlace(simulation: Simulation, placed: PlacedPod, scattered: 0 | 1): number | undefined {
  const accepts = (node: number) =>
    !placed.pod.placement.onePerNode || !(simulation.pods[node] ?? []).some(({ owner }) => owner === placed.owner);
  const classes = simulation.eligibility.classesFor(placed);
  let from = scattered === 0 ? 0 : simulation.order.startAt(countOf(classes));
  let first = 0;
  for (; from >= (classes[first]?.members.length ?? Number.POSITIVE_INFINITY); first++)
    from -= classes[first]?.members.length ?? 0;
  for (let step = 0; step < classes.length; step++) {
    const { index = 0 } = classes[(first + step) % classes.length] ?? {};
    const found = simulation.rooms[index]?.find(placed.asks, accepts, step === 0 ? from : 0);
    if (found !== undefined) return found;
  }
  return undefined;
}

function countOf(classes: readonly NodeClass[]): number {
  return classes.reduce((total, { members }) => total + members.length, 0);
}

function place(simulation: Simulation, placed: PlacedPod, node: number): void {
  simulation.pods[node]?.push(placed);
  simulation.places[placed.index] = node;
  roomOf(simulation, node)?.change(node, placed.asks, -1);
}

function unplace(simulation: Simulation, placed: PlacedPod, node: number): void {
  const pods = simulation.pods[node] ?? [];
  pods.splice(pods.indexOf(placed), 1);
  roomOf(simulation, node)?.change(node, placed.asks, 1);
}

/** Nodes that take no pods are in no class. */
function roomOf({ rooms, eligibility }: Simulation, node: number): Room | undefined {
  const found = eligibility.classOf(node);
  return found === undefined ? undefined : rooms[found];
}
