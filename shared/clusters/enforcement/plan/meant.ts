import type { Namespace, NodePool, Workload } from "../../inventory/types.ts";
import { subjectOf } from "../actions/common/references.ts";
import type { LeftOut, Rung, Want } from "../types.ts";
import type { Eligible } from "./candidate.ts";
import { cappedRung, namespaceRefusal, workloadRefusal } from "./eligibility.ts";
import type { ScopeMatch } from "./scope.ts";
import type { World } from "./world.ts";

/** What a want means in the cluster, and may be touched. */
export interface Meant {
  /** In the order in which they are acted on. */
  workloads: readonly Eligible[];
  namespaces: readonly MeantNamespace[];
  pools: readonly NodePool[];
  leftOut: readonly LeftOut[];
}

export interface MeantNamespace {
  namespace: Namespace;
  most: Rung | "none";
  workloads: readonly Workload[];
  /** Of them: protected, exempt and the like. */
  spared: readonly Workload[];
  /** A workload in it that the want does not mean: what reaches the whole namespace would hit it. */
  stranger?: Workload;
}

/** Namespaces and workloads of the scope up to a rung, and those that must be let alone with the reason. */
export function meantBy(want: Want, match: ScopeMatch, rung: Rung, world: World): Meant {
  const leftOut: LeftOut[] = [];
  const namespaces: MeantNamespace[] = [];
  const eligible = new Set<string>();
  for (const namespace of world.namespaces) {
    const workloads = world.workloadsOf(namespace.name);
    const included = workloads.filter((each) => match.includes(each.governance, namespace.name));
    const isMeant = match.includes(namespace.governance, namespace.name);
    if (included.length === 0 && !isMeant) continue;
    const refusal = namespaceRefusal(namespace, world);
    if (refusal !== undefined) {
      if (included.length === 0) continue;
      leftOut.push({ subject: `Namespace ${namespace.name}`, policy: want.policy, ...refusal });
      continue;
    }
    const spared = included.filter((workload) => {
      const reason = workloadRefusal(workload, world);
      if (reason === undefined) eligible.add(workload.ref.uid);
      else leftOut.push({ subject: subjectOf(workload.ref), policy: want.policy, ...reason });
      return reason !== undefined;
    });
    const most = cappedRung(rung, namespace.optIn);
    if (most !== rung) leftOut.push(weaker(namespace, want, rung));
    const stranger = isMeant ? workloads.find((each) => !included.includes(each)) : workloads[0];
    namespaces.push({ namespace, most, workloads: included, spared, ...(stranger === undefined ? {} : { stranger }) });
  }
  const most = new Map(namespaces.map((each) => [each.namespace.name, each]));
  const workloads = world.ordered.flatMap((workload): Eligible[] => {
    const place = most.get(workload.ref.namespace ?? "");
    return place === undefined || !eligible.has(workload.ref.uid)
      ? []
      : [{ workload, namespace: place.namespace, most: place.most }];
  });
  const pools = world.pools.filter((pool) => match.includes(pool.governance, undefined));
  return { workloads, namespaces, pools, leftOut };
}

function weaker({ name, optIn }: Namespace, want: Want, rung: Rung): LeftOut {
  return {
    subject: `Namespace ${name}`,
    policy: want.policy,
    reason: `it allows ${optIn} at most, not ${rung}`,
    hint: `label it genops.ai/enforce=${rung}`,
  };
}
