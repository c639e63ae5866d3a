import { add, type Decimal, fromInteger, fromScaled, split, sum, ZERO } from "../../core/decimal.ts";
import type { Pod } from "../inventory/types.ts";
import { consolidate, copyOf, removePods, type Simulation, startSimulation } from "./release/autoscaler.ts";
import { type PlacedPod, type SizedNode, stateOf } from "./release/cluster-state.ts";
import { deletionOrder } from "./release/deletion-order.ts";
import { createEligibility } from "./release/eligibility.ts";
import { looseOrder, type Order, scatteredOrder, TIGHT } from "./release/order.ts";
import { type PoolOutcome, remarksOf } from "./release/remarks.ts";
import type { Freed, PricedInventory, Saving } from "./types.ts";

/** What freeing pods saves; the same question about many sets of steps. */
export type SavingsOf = (freed: readonly Freed[]) => Saving;

/** As `prepareSavings`, for one question. */
export function savingOf(priced: PricedInventory, freed: readonly Freed[]): Saving {
  return prepareSavings(priced)(freed);
}

/**
 * Prepares the question what steps save. Pods cost nothing by themselves: money is saved where a node autoscaler removes nodes that are not
 * needed any more. Nodes that it would remove anyway are let go first and count for nobody. What it can remove depends on the order in
 * which it looks, which nobody knows: several are tried, and the least is claimed. A pool's saving is divided among the steps by what the
 * pods cost that they free there.
 */
export function prepareSavings(priced: PricedInventory): SavingsOf {
  const state = stateOf(priced);
  const eligibility = createEligibility(state.nodes, state.pods);
  const runs = ordersFor(state.nodes.length).map((order) => {
    const before = startSimulation(state, eligibility, order);
    // Twice: what an unlucky order leaves over must not be claimed later.
    consolidate(before);
    consolidate(before);
    return before;
  });
  const kinds = new Map(priced.inventory.workloads.map(({ ref, kind }) => [ref.uid, kind]));
  const byOwner = Map.groupBy(state.pods, ({ owner }) => owner);
  const now = priced.inventory.readAt;
  const orders = new Map(
    [...byOwner].map(([uid, pods]) => [uid, deletionOrder(pods, { kind: kinds.get(uid), now })] as const),
  );
  const waiting = waitingPods(priced);
  return (freed) => {
    const taken = takePods(freed, orders, waiting);
    const gone = taken.flat();
    const outcomes = runs.map((before) => {
      const after = copyOf(before);
      if (gone.length > 0) {
        removePods(after, gone);
        consolidate(after);
      }
      return poolOutcomes({ before, after, taken });
    });
    const pools = outcomes.reduce((least, each) => (worthOf(each) < worthOf(least) ? each : least));
    const byStep = apportion(pools, { taken, pods: priced.pods });
    return {
      perHour: sum(byStep),
      byStep,
      releasedNodes: pools.flatMap(({ released }) => released.map(({ node }) => node.ref.name)),
      remarks: remarksOf(pools),
    };
  };
}

/** Chance averages out in a large cluster and takes longer there: between 4 and 62 orders. */
function ordersFor(nodes: number): Order[] {
  const count = Math.min(60, Math.max(2, Math.floor(4_000 / Math.max(1, nodes))));
  return [TIGHT, looseOrder(1), ...Array.from({ length: count }, (_each, index) => scatteredOrder(index + 1))];
}

function worthOf(pools: readonly PoolOutcome[]): bigint {
  return pools.flatMap(({ released }) => released).reduce((total, { worth }) => total + worth, 0n);
}

/** Per workload the pods that are on no node: its controller deletes these first, and that frees nothing. */
function waitingPods({ inventory }: PricedInventory): ReadonlyMap<string, number> {
  const isWaiting = ({ node, phase }: Pod) => node === undefined && phase !== "Succeeded" && phase !== "Failed";
  return new Map(inventory.workloads.map(({ ref, pods }) => [ref.uid, pods.filter(isWaiting).length]));
}

/** The pods of each step. Two steps of one workload take one after the other. */
function takePods(
  freed: readonly Freed[],
  orders: ReadonlyMap<string, readonly PlacedPod[]>,
  waiting: ReadonlyMap<string, number>,
): PlacedPod[][] {
  const taken = new Map<string, number>();
  return freed.map(({ uid, pods }) => {
    const start = taken.get(uid) ?? -(waiting.get(uid) ?? 0);
    taken.set(uid, start + pods);
    return (orders.get(uid) ?? []).slice(Math.max(0, start), Math.max(0, start + pods));
  });
}

function poolOutcomes({
  before,
  after,
  taken,
}: {
  before: Simulation;
  after: Simulation;
  taken: readonly (readonly PlacedPod[])[];
}): PoolOutcome[] {
  const { nodes } = after.state;
  const poolOf = ({ index, home }: PlacedPod) => nodes[before.places[index] ?? home]?.pool?.name ?? "";
  const takenByPool = taken.map((pods) => Map.groupBy(pods, poolOf));
  return [...Map.groupBy(nodes, ({ pool }) => pool?.name ?? "")].map(([name, members]) => {
    const present = members.filter(({ index }) => !before.released.has(index));
    return {
      name,
      pool: members[0]?.pool,
      nodes: present,
      released: present.filter(({ index }) => after.released.has(index)),
      held: present.filter((node) => isHeld(after, node)).length,
      taken: takenByPool.map((pods) => pods.get(name) ?? []),
    };
  });
}

/** Stays because of a mark or of a pod that cannot be moved. */
function isHeld({ released, pods }: Simulation, { index, node }: SizedNode): boolean {
  return !released.has(index) && (node.kept || (pods[index] ?? []).some(({ pod }) => pod.immovable));
}

/** To the last digit: the steps' parts of a pool add up to what it saves. */
function apportion(
  pools: readonly PoolOutcome[],
  { taken, pods }: { taken: PoolOutcome["taken"]; pods: PricedInventory["pods"] },
): Decimal[] {
  const costOf = (placed: readonly PlacedPod[]) => sum(placed.map(({ pod }) => pods.get(pod.uid) ?? ZERO));
  const overall = taken.map(costOf);
  const counts = taken.map((placed) => fromInteger(placed.length));
  let byStep: Decimal[] = taken.map(() => ZERO);
  for (const { released, taken: here } of pools) {
    const saved = fromScaled(released.reduce((total, { worth }) => total + worth, 0n));
    if (saved === ZERO || byStep.length === 0) continue;
    const weights = [here.map(costOf), overall, counts].find((each) => each.some((weight) => weight > 0n)) ?? counts;
    const parts = split(saved, weights);
    byStep = byStep.map((part, index) => add(part, parts[index] ?? ZERO));
  }
  return byStep;
}
