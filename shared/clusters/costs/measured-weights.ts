import { type Decimal, split, subtract, sum, ZERO } from "../../core/decimal.ts";
import type { Workload } from "../inventory/types.ts";
import type { PricedInventory, ResourceCost, WorkloadCost } from "./types.ts";

/** What a meter in the cluster (OpenCost) measured over some days; only the ratio counts. */
export interface MeasuredWeights {
  /** For people: `OpenCost (source prod-shares), 7 days`. */
  by: string;
  /** `namespace/kind/name` in lower case → weight. */
  workloads: ReadonlyMap<string, Decimal>;
  idle: Decimal;
}

/**
 * The same nodes, divided by measured shares instead of the moment's requests and use. A workload that the meter does not know keeps its own
 * share; what the meter knows and does not run now is idle. Workloads and idle are still the nodes, to the last digit.
 */
export function withMeasuredWeights(priced: PricedInventory, weights: MeasuredWeights): PricedInventory {
  const { inventory } = priced;
  const known = inventory.workloads.flatMap((workload) => {
    const weight = weights.workloads.get(weightKey(workload));
    const cost = priced.workloads.get(workload.ref.uid);
    const isThere = workload.pods.some(({ charged }) => charged);
    return weight === undefined || cost === undefined || !isThere ? [] : [{ workload, weight, cost }];
  });
  const all = sum(weights.workloads.values());
  if (known.length === 0 || all <= 0n)
    return { ...priced, problems: [...priced.problems, `${weights.by} knows no workload of this cluster`] };
  const unmatched = subtract(all, sum(known.map(({ weight }) => weight)));
  const own = sum([...priced.workloads.values()].map(({ perHour }) => perHour));
  const kept = subtract(own, sum(known.map(({ cost }) => cost.perHour)));
  const parts = split(subtract(priced.perHour, kept), [
    ...known.map(({ weight }) => weight),
    sum([weights.idle, unmatched]),
  ]);
  const costs = known.map(({ cost }, index) => scaled(cost, parts[index] ?? ZERO));
  return {
    ...priced,
    workloads: new Map([...priced.workloads, ...costs.map((cost) => [cost.uid, cost] as const)]),
    pods: new Map([
      ...priced.pods,
      ...known.flatMap(({ workload }, index) => podCosts(priced, workload, costs[index])),
    ]),
    idle: idleOf(priced, parts.at(-1) ?? ZERO),
    problems: [
      ...priced.problems,
      `shares of ${known.length} of ${inventory.workloads.length} workloads by ${weights.by}`,
    ],
  };
}

export function weightKey({ ref, kind }: Pick<Workload, "ref" | "kind">): string {
  return `${ref.namespace ?? ""}/${kind}/${ref.name}`.toLowerCase();
}

function scaled(cost: WorkloadCost, perHour: Decimal): WorkloadCost {
  return { ...cost, perHour, parts: scaledParts(cost.parts, perHour) };
}

/** In the ratio of what it was; of nothing, all is cores. */
function scaledParts({ cpu, memory, gpu }: ResourceCost, perHour: Decimal): ResourceCost {
  if (cpu + memory + gpu === 0n) return { cpu: perHour, memory: ZERO, gpu: ZERO };
  const [first = ZERO, second = ZERO, third = ZERO] = split(perHour, [cpu, memory, gpu]);
  return { cpu: first, memory: second, gpu: third };
}

function podCosts(priced: PricedInventory, { pods }: Workload, cost: WorkloadCost | undefined): [string, Decimal][] {
  if (pods.length === 0 || cost === undefined) return [];
  const parts = split(
    cost.perHour,
    pods.map(({ uid }) => priced.pods.get(uid) ?? ZERO),
  );
  return pods.map(({ uid }, index) => [uid, parts[index] ?? ZERO]);
}

function idleOf({ idle }: PricedInventory, total: Decimal): Map<string, ResourceCost> {
  const nodes = [...idle];
  if (nodes.length === 0) return new Map();
  const parts = split(
    total,
    nodes.map(([, { cpu, memory, gpu }]) => sum([cpu, memory, gpu])),
  );
  return new Map(nodes.map(([name, cost], index) => [name, scaledParts(cost, parts[index] ?? ZERO)]));
}
