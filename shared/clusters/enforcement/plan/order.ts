import { type Decimal, ZERO } from "../../../core/decimal.ts";
import type { PricedInventory } from "../../costs/types.ts";
import type { Workload } from "../../inventory/types.ts";
import { environmentRank } from "../actions/common/environments.ts";

const CLASSES: Readonly<Record<Workload["class"], number>> = { batch: 0, stateless: 1, stateful: 2 };

/**
 * In which order workloads are acted on: dev before staging before prod, batch before stateless before stateful, GPU first, the most
 * expensive per hour first. Names break ties, so that the order of the input decides nothing.
 */
export function inOrder(workloads: readonly Workload[], priced: PricedInventory): Workload[] {
  return workloads
    .map((workload) => ({ workload, keys: keysOf(workload, priced) }))
    .sort((a, b) => compare(a.keys, b.keys))
    .map(({ workload }) => workload);
}

type Keys = readonly (number | Decimal | string)[];

function keysOf(workload: Workload, priced: PricedInventory): Keys {
  const { namespace = "", kind, name, uid } = workload.ref;
  const perHour = priced.workloads.get(uid)?.perHour ?? ZERO;
  return [
    environmentRank(workload.governance.environment),
    CLASSES[workload.class],
    workload.gpu ? 0 : 1,
    -perHour as Decimal,
    namespace,
    kind,
    name,
    uid,
  ];
}

function compare(a: Keys, b: Keys): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined || left === right) continue;
    return left < right ? -1 : 1;
  }
  return 0;
}
