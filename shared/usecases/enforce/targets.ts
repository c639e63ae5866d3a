import { BILLING, billingTargets } from "../../clusters/enforcement/actions/billing/steps.ts";
import type { ClusterConfig } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Log } from "../../ports/invocation.ts";
import { registeredClusters } from "../cluster-registry.ts";
import type { Runtime } from "../runtime.ts";
import { type ClusterWork, openBillingWork, openClusterWork } from "./cluster-work.ts";

/** What is acted on: a cluster, or what belongs to none. */
export type Target = ClusterConfig | typeof BILLING;

export function nameOf(target: Target): string {
  return target === BILLING ? BILLING : target.name;
}

/** Every known cluster, and the billing side where something of it is configured; or those that are named. Throws `usage` for an unknown name. */
export async function targetsOf(runtime: Runtime, names?: readonly string[]): Promise<Target[]> {
  const clusters = (await registeredClusters(runtime)).map(({ config }) => config);
  const isBeside = billingTargets(runtime.config.enforcement.billing).some(
    ({ target }) => target.kind !== "resize-node-pool",
  );
  const all: Target[] = isBeside ? [...clusters, BILLING] : clusters;
  const unknown = names?.find((name) => !all.some((target) => nameOf(target) === name));
  if (unknown !== undefined) throw new GenOpsError("usage", `there is no cluster ${unknown}; see genops clusters list`);
  return names === undefined ? all : all.filter((target) => names.includes(nameOf(target)));
}

export function openTarget(runtime: Runtime, target: Target, log?: Log): Promise<ClusterWork> {
  return target === BILLING ? openBillingWork(runtime, log) : openClusterWork(runtime, target, log);
}
