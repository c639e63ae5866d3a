import * as z from "zod";
import { reversibilityOf } from "../../clusters/enforcement/actions/billing/reversible.ts";
import { isSamePool, type PoolState, poolState } from "../../clusters/enforcement/actions/billing/states.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { BillingControl, BillingDryRun, BillingTarget } from "../../ports/billing-control.ts";
import type { AzureTokens } from "../../ports/credentials.ts";
import { askArm, clusterId } from "./arm.ts";

export interface AksPoolOptions {
  subscription: string;
  resourceGroup: string;
  /** As Azure names it. */
  cluster: string;
  tokens: AzureTokens;
  armUrl?: string | undefined;
}

const API_VERSION = "2025-05-01";
const PERMISSIONS_VERSION = "2022-04-01";
const WRITE = "Microsoft.ContainerService/managedClusters/agentPools/write";

const Properties = z.looseObject({
  count: z.int(),
  enableAutoScaling: z.boolean().nullish(),
  minCount: z.int().nullish(),
  maxCount: z.int().nullish(),
  mode: z.string().optional(),
  provisioningState: z.string().optional(),
  eTag: z.string().optional(),
});
const AgentPool = z.object({ properties: Properties });
const Permissions = z.object({
  value: z.array(z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })),
});

interface Found {
  state: PoolState;
  /** As Azure sent them, with what nobody here knows. */
  properties: z.infer<typeof Properties>;
}

/**
 * Agent pools of an AKS cluster. While a pool is pinned its autoscaler is off; its bounds come back with it. Writes carry the version that
 * was read, where Azure gives one. Needs `Microsoft.ContainerService/managedClusters/agentPools/read` and `/write`.
 */
export function createNodePools(options: AksPoolOptions): BillingControl {
  return {
    async read(target) {
      return (await describe(options, poolOf(target))).state;
    },
    async dryRun(target, from, to) {
      const found = await describe(options, poolOf(target));
      const refusal = refusalOf(found, poolState(from), poolState(to));
      return refusal === undefined ? mayWrite(options, poolOf(target)) : { ok: false, reason: refusal.message };
    },
    async change(target, from, to) {
      const pool = poolOf(target);
      const found = await describe(options, pool);
      const wanted = poolState(to);
      if (isSamePool(found.state, wanted)) return found.state;
      const refusal = refusalOf(found, poolState(from), wanted);
      if (refusal !== undefined) throw refusal;
      if (found.state.progress !== undefined) return found.state;
      await send(options, pool, { ...found, state: wanted });
      return { ...wanted, progress: "Updating" };
    },
    reversible: reversibilityOf,
  };
}

function refusalOf({ state: now, properties }: Found, from: PoolState, to: PoolState): GenOpsError | undefined {
  if (properties.mode === "System" && to.desired < 1)
    return new GenOpsError("refused", "a system pool of AKS keeps one node at least: set a minimum of 1");
  if (isSamePool(now, to) || isSamePool(now, from)) return undefined;
  const said = `the pool has ${now.desired} nodes (${now.min} to ${now.max}), and not what the plan was made on`;
  return new GenOpsError(now.progress === undefined ? "conflict" : "unavailable", said);
}

async function describe(options: AksPoolOptions, pool: string): Promise<Found> {
  const { properties } = AgentPool.parse(JSON.parse(await send(options, pool)));
  const { count: desired, enableAutoScaling, minCount, maxCount, provisioningState = "Succeeded" } = properties;
  const autoscaled = enableAutoScaling === true;
  const bounds = autoscaled ? { min: minCount ?? desired, max: maxCount ?? desired } : { min: desired, max: desired };
  const isSettled = /^(Succeeded|Failed|Canceled)$/.test(provisioningState);
  return {
    state: { desired, ...bounds, autoscaled, ...(isSettled ? {} : { progress: provisioningState }) },
    properties,
  };
}

/** Azure replaces the whole pool by what it gets, and leaves out what is read-only. */
function bodyOf({ state, properties }: Found): unknown {
  const { provisioningState: _, eTag: __, minCount: ___, maxCount: ____, ...kept } = properties;
  const bounds = state.autoscaled ? { minCount: state.min, maxCount: state.max } : {};
  return { properties: { ...kept, count: state.desired, enableAutoScaling: state.autoscaled, ...bounds } };
}

async function send(options: AksPoolOptions, pool: string, found?: Found): Promise<string> {
  const id = `${clusterId(options)}/agentPools/${encodeURIComponent(pool)}`;
  const write =
    found === undefined ? {} : { method: "PUT" as const, body: bodyOf(found), ifMatch: found.properties.eTag };
  const answer = await askArm({ ...options, id, apiVersion: API_VERSION, ...write });
  if (answer.status >= 200 && answer.status < 300) return answer.text;
  throw failure(options, pool, found === undefined ? "read" : "write", answer);
}

/** Azure lists what the caller may do at a resource; patterns with `*`. */
async function mayWrite(options: AksPoolOptions, pool: string): Promise<BillingDryRun> {
  const id = `${clusterId(options)}/providers/Microsoft.Authorization/permissions`;
  const answer = await askArm({ ...options, id, apiVersion: PERMISSIONS_VERSION });
  const listed = answer.status === 200 ? Permissions.safeParse(JSON.parse(answer.text)).data : undefined;
  if (listed === undefined)
    return { ok: true, unchecked: `Azure does not tell the rights at the cluster: ${answer.status}` };
  const isAllowed = listed.value.some(
    ({ actions, notActions }) => actions.some(covers(WRITE)) && !notActions.some(covers(WRITE)),
  );
  if (isAllowed) return { ok: true };
  return { ok: false, reason: `the right ${WRITE} on the pool ${pool} of ${options.cluster} is missing` };
}

function covers(right: string): (pattern: string) => boolean {
  return (pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "i").test(right);
  };
}

function failure(
  { cluster }: AksPoolOptions,
  pool: string,
  right: "read" | "write",
  { status, text }: { status: number; text: string },
): GenOpsError {
  const said = `pool ${pool} of AKS cluster ${cluster}: ${status} ${text.slice(0, 300)}`.trim();
  if (status === 401 || status === 403)
    return new GenOpsError(
      "refused",
      `${said}; give GenOps' identity Microsoft.ContainerService/managedClusters/agentPools/${right} on the cluster`,
    );
  if (status === 404) return new GenOpsError("config", `${said}; look at enforcement.billing.nodePools`);
  if (status === 412) return new GenOpsError("conflict", `${said}; it was changed meanwhile`);
  const isBusy = status === 409 || status === 429 || status >= 500;
  return new GenOpsError(isBusy ? "unavailable" : "refused", said);
}

function poolOf(target: BillingTarget): string {
  if (target.kind === "resize-node-pool") return target.pool;
  throw new GenOpsError("internal", `node pools know no ${target.kind}`);
}
