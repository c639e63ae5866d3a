import * as z from "zod";
import { reversibilityOf } from "../../clusters/enforcement/actions/billing/reversible.ts";
import { isSamePool, type PoolState, poolState } from "../../clusters/enforcement/actions/billing/states.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { BillingControl, BillingTarget } from "../../ports/billing-control.ts";
import type { GoogleCredentials } from "./credentials.ts";
import { askGoogle, type GoogleAnswer, missingPermissions, saidBy } from "./rest.ts";

export interface GkePoolOptions {
  project: string;
  /** A region or a zone. */
  location: string;
  /** As Google names it. */
  cluster: string;
  credentials: GoogleCredentials;
  /** Instead of `https://container.googleapis.com`. */
  containerUrl?: string | undefined;
  /** Instead of Google's, for tests. */
  urls?: { compute?: string; resourceManager?: string } | undefined;
}

const SERVICE = "GKE";
const UPDATE = "container.clusters.update";

/** `totalMinNodeCount` counts the whole pool, `minNodeCount` one zone. */
const Autoscaling = z.looseObject({
  enabled: z.boolean().optional(),
  minNodeCount: z.int().optional(),
  maxNodeCount: z.int().optional(),
  totalMinNodeCount: z.int().optional(),
  totalMaxNodeCount: z.int().optional(),
});
const NodePool = z.object({
  status: z.string().optional(),
  autoscaling: Autoscaling.optional(),
  instanceGroupUrls: z.array(z.string()).default([]),
});
const InstanceGroup = z.object({ targetSize: z.int() });

interface Found {
  state: PoolState;
  zones: number;
}

/**
 * Node pools of a GKE cluster. GKE counts nodes per zone: sizes that do not divide by the zones are refused. Google changes autoscaling and
 * size by two operations, one at a time, so that a change takes two runs where both differ: an autoscaler goes off before a pool shrinks, and
 * comes back after it has grown. Needs `container.clusters.get` and `.update`, and `compute.instanceGroupManagers.get` for the size.
 */
export function createNodePools(options: GkePoolOptions): BillingControl {
  return {
    async read(target) {
      return (await describe(options, poolOf(target))).state;
    },
    async dryRun(target, from, to) {
      const found = await describe(options, poolOf(target));
      const refusal = refusalOf(found, poolState(from), poolState(to));
      if (refusal !== undefined) return { ok: false, reason: refusal.message };
      const resourceManager = options.urls?.resourceManager ?? "https://cloudresourcemanager.googleapis.com";
      const url = `${resourceManager}/v1/projects/${options.project}`;
      const missing = await missingPermissions({ credentials: options.credentials, service: SERVICE }, url, [UPDATE]);
      if (missing === undefined) return { ok: true, unchecked: "Google does not tell which permissions there are" };
      return missing.length === 0 ? { ok: true } : { ok: false, reason: `${UPDATE} is missing on ${options.project}` };
    },
    async change(target, from, to) {
      const pool = poolOf(target);
      const found = await describe(options, pool);
      const wanted = poolState(to);
      if (isSamePool(found.state, wanted)) return found.state;
      const refusal = refusalOf(found, poolState(from), wanted);
      if (refusal !== undefined) throw refusal;
      if (found.state.progress !== undefined) return found.state;
      const { action, body, after } = nextOperation(found, wanted);
      await send(options, pool, action, body);
      return { ...after, progress: action };
    },
    reversible: reversibilityOf,
  };
}

interface Operation {
  action: "setAutoscaling" | "setSize";
  body: unknown;
  after: PoolState;
}

function nextOperation({ state: now, zones }: Found, to: PoolState): Operation {
  if (now.autoscaled && !to.autoscaled)
    return {
      action: "setAutoscaling",
      body: { autoscaling: { enabled: false } },
      after: { ...now, autoscaled: false, min: now.desired, max: now.desired },
    };
  if (now.desired !== to.desired && !now.autoscaled)
    return {
      action: "setSize",
      body: { nodeCount: to.desired / zones },
      after: { ...now, desired: to.desired, min: to.desired, max: to.desired },
    };
  const autoscaling = to.native ?? { enabled: true, totalMinNodeCount: to.min, totalMaxNodeCount: to.max };
  return {
    action: "setAutoscaling",
    body: { autoscaling },
    after: { ...now, autoscaled: true, min: to.min, max: to.max },
  };
}

function refusalOf({ state: now, zones }: Found, from: PoolState, to: PoolState): GenOpsError | undefined {
  if (to.desired % zones !== 0)
    return new GenOpsError("refused", `GKE sizes pools by zone: ${to.desired} nodes do not divide by ${zones} zones`);
  // After the first of two operations the size tells where this change is: it must be the plan's before the autoscaler goes.
  const isFrom = isSamePool(now, from) && (to.autoscaled || now.desired === from.desired);
  if (isSamePool(now, to) || isFrom || isHalfWay(now, from, to)) return undefined;
  const said = `the pool has ${now.desired} nodes (${now.min} to ${now.max}), and not what the plan was made on`;
  return new GenOpsError(now.progress === undefined ? "conflict" : "unavailable", said);
}

/** The first of two operations is done: the autoscaler is off and the size still to come, or the size is there and the autoscaler off. */
function isHalfWay(now: PoolState, from: PoolState, to: PoolState): boolean {
  if (now.autoscaled) return false;
  return to.autoscaled ? now.desired === to.desired : from.autoscaled && now.desired === from.desired;
}

async function describe(options: GkePoolOptions, pool: string): Promise<Found> {
  const answer = await send(options, pool);
  const { status = "RUNNING", autoscaling = {}, instanceGroupUrls } = NodePool.parse(JSON.parse(answer.text));
  const sizes = await Promise.all(instanceGroupUrls.map((url) => sizeOf(options, pool, url)));
  const zones = Math.max(1, sizes.length);
  const desired = sizes.reduce((sum, size) => sum + size, 0);
  const autoscaled = autoscaling.enabled === true;
  const bounds = autoscaled ? boundsOf(autoscaling, zones, desired) : { min: desired, max: desired };
  const progress = /^(RUNNING|RUNNING_WITH_ERROR|ERROR)$/.test(status) ? {} : { progress: status };
  // GKE forgets them with the autoscaler: bounds per zone or of the whole pool, and the location policy.
  const native = autoscaled ? { native: z.json().parse(autoscaling) } : {};
  return { state: { desired, ...bounds, autoscaled, ...native, ...progress }, zones };
}

function boundsOf(autoscaling: z.infer<typeof Autoscaling>, zones: number, desired: number) {
  const { totalMinNodeCount, totalMaxNodeCount, minNodeCount = 0, maxNodeCount } = autoscaling;
  if (totalMaxNodeCount !== undefined && totalMaxNodeCount > 0)
    return { min: totalMinNodeCount ?? 0, max: totalMaxNodeCount };
  return { min: minNodeCount * zones, max: maxNodeCount === undefined ? desired : maxNodeCount * zones };
}

/** A pool's `initialNodeCount` is what it was made with: its size is that of its instance groups. */
async function sizeOf(options: GkePoolOptions, pool: string, groupUrl: string): Promise<number> {
  const { credentials, urls } = options;
  const url = groupUrl.replace(
    /^https:\/\/[^/]+(\/compute\/v1)?/,
    urls?.compute ?? "https://compute.googleapis.com/compute/v1",
  );
  const answer = await askGoogle({ credentials, service: "Compute Engine", url });
  if (answer.status !== 200)
    throw failure(options, pool, "compute.instanceGroupManagers.get (roles/compute.viewer)", answer);
  return InstanceGroup.parse(JSON.parse(answer.text)).targetSize;
}

async function send(
  options: GkePoolOptions,
  pool: string,
  action?: Operation["action"],
  body?: unknown,
): Promise<GoogleAnswer> {
  const { project, location, cluster, credentials, containerUrl = "https://container.googleapis.com" } = options;
  const name = `projects/${project}/locations/${location}/clusters/${encodeURIComponent(cluster)}/nodePools/${encodeURIComponent(pool)}`;
  const url = `${containerUrl}/v1/${name}${action === undefined ? "" : `:${action}`}`;
  const post = action === undefined ? {} : { method: "POST" as const, body };
  const answer = await askGoogle({ credentials, service: SERVICE, url, ...post });
  if (answer.status === 200) return answer;
  throw failure(options, pool, action === undefined ? "container.clusters.get" : UPDATE, answer);
}

function failure({ cluster }: GkePoolOptions, pool: string, right: string, answer: GoogleAnswer): GenOpsError {
  const said = `pool ${pool} of GKE cluster ${cluster}: ${answer.status} ${saidBy(answer)}`;
  if (answer.status === 401 || answer.status === 403) return new GenOpsError("refused", `${said}; grant ${right}`);
  if (answer.status === 404) return new GenOpsError("config", `${said}; look at enforcement.billing.nodePools`);
  const isBusy =
    answer.status === 409 || answer.status === 429 || answer.status >= 500 || /incompatible operation/i.test(said);
  return new GenOpsError(isBusy ? "unavailable" : "refused", said);
}

function poolOf(target: BillingTarget): string {
  if (target.kind === "resize-node-pool") return target.pool;
  throw new GenOpsError("internal", `node pools know no ${target.kind}`);
}
