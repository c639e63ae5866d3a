import { createHash } from "node:crypto";
import * as z from "zod";
import { reversibilityOf } from "../../clusters/enforcement/actions/billing/reversible.ts";
import {
  isSamePool,
  type PoolState,
  pinnedPool,
  poolState,
} from "../../clusters/enforcement/actions/billing/states.ts";
import { GenOpsError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { BillingControl, BillingTarget } from "../../ports/billing-control.ts";
import { eksUrlOf } from "./eks-credentials.ts";
import { exceptionOf, type SignedAnswer, sendSigned } from "./signed-request.ts";
import { type SimulationOptions, simulateRight } from "./simulate-rights.ts";

export interface EksPoolOptions extends SimulationOptions {
  /** As EKS names it. */
  cluster: string;
  /** Instead of the region's EKS API. */
  eksUrl?: string | undefined;
}

const Group = z.object({
  nodegroup: z.object({
    nodegroupArn: z.string().optional(),
    status: z.string(),
    modifiedAt: z.union([z.number(), z.string()]).optional(),
    scalingConfig: z.object({ minSize: z.int(), maxSize: z.int(), desiredSize: z.int() }),
  }),
});

interface Found {
  state: PoolState;
  arn: string;
  /** When it was last changed: tells one change from the same change made again later. */
  version: string;
}

/**
 * Managed node groups of an EKS cluster, by their scaling configuration: the Auto Scaling group follows it, and the cluster's autoscaler
 * keeps within it. Needs `eks:DescribeNodegroup` and `eks:UpdateNodegroupConfig`.
 */
export function createNodePools(options: EksPoolOptions): BillingControl {
  return {
    async read(target) {
      return (await describe(options, poolOf(target))).state;
    },
    async dryRun(target, from, to) {
      const { state, arn } = await describe(options, poolOf(target));
      const refusal = refusalOf(state, poolState(from), poolState(to));
      if (refusal !== undefined) return { ok: false, reason: refusal.message };
      const simulated = await simulateRight(options, "eks:UpdateNodegroupConfig", arn);
      if (simulated.outcome === "denied") return { ok: false, reason: simulated.detail };
      return simulated.outcome === "allowed" ? { ok: true } : { ok: true, unchecked: simulated.detail };
    },
    async change(target, from, to) {
      const pool = poolOf(target);
      const found = await describe(options, pool);
      const wanted = poolState(to);
      if (isSamePool(found.state, wanted)) return found.state;
      const refusal = refusalOf(found.state, poolState(from), wanted);
      if (refusal !== undefined) throw refusal;
      if (found.state.progress !== undefined) return found.state;
      await update(options, pool, wanted, found.version);
      return { ...wanted, progress: "UPDATING" };
    },
    reversible: reversibilityOf,
  };
}

function refusalOf(now: PoolState, from: PoolState, to: PoolState): GenOpsError | undefined {
  if (isSamePool(now, to) || isSamePool(now, from)) return undefined;
  const said = `the node group has ${now.min} to ${now.max} nodes, wants ${now.desired}, and not what the plan was made on`;
  return new GenOpsError(now.progress === undefined ? "conflict" : "unavailable", said);
}

/**
 * EKS has no switch for an autoscaler: where the bounds are apart, one may move the size. It takes no maximum below one either: none at all is
 * 0 of 0 to 1.
 */
async function describe(options: EksPoolOptions, pool: string): Promise<Found> {
  const answer = await send(options, pool, "");
  const { nodegroupArn, status, modifiedAt, scalingConfig } = Group.parse(JSON.parse(answer.text)).nodegroup;
  const { minSize: min, maxSize: max, desiredSize: desired } = scalingConfig;
  const size = desired === 0 && min === 0 && max === 1 ? pinnedPool(0) : { desired, min, max, autoscaled: min < max };
  const state = { ...size, ...(status === "ACTIVE" ? {} : { progress: status }) };
  return { state, arn: nodegroupArn ?? "*", version: String(modifiedAt ?? "") };
}

/** The token is the same when an answer was lost and the update is asked for again: EKS then makes it once. */
async function update(options: EksPoolOptions, pool: string, to: PoolState, version: string): Promise<void> {
  const scalingConfig = { minSize: to.min, maxSize: Math.max(1, to.max), desiredSize: to.desired };
  const wish = canonicalJson({ cluster: options.cluster, pool, scalingConfig, version });
  const clientRequestToken = createHash("sha256").update(wish).digest("hex");
  await send(options, pool, "/update-config", JSON.stringify({ scalingConfig, clientRequestToken }));
}

async function send(options: EksPoolOptions, pool: string, action: string, body?: string): Promise<SignedAnswer> {
  const { cluster, region, keys, clock, eksUrl = eksUrlOf(region) } = options;
  const url = new URL(
    `/clusters/${encodeURIComponent(cluster)}/node-groups/${encodeURIComponent(pool)}${action}`,
    eksUrl,
  );
  const post =
    body === undefined ? {} : ({ method: "POST", headers: { "content-type": "application/json" }, body } as const);
  const answer = await sendSigned({ service: "eks", region, keys, clock, url, ...post });
  if (answer.status === 200) return answer;
  throw failure(options, pool, body === undefined ? "eks:DescribeNodegroup" : "eks:UpdateNodegroupConfig", answer);
}

function failure({ cluster }: EksPoolOptions, pool: string, right: string, answer: SignedAnswer): GenOpsError {
  const { name, said } = exceptionOf(answer);
  const text = `node group ${pool} of EKS cluster ${cluster}: ${answer.status} ${name} ${said}`.trim();
  if (answer.status === 403) return new GenOpsError("refused", `${text}; allow ${right} on the node group`);
  if (answer.status === 404) return new GenOpsError("config", `${text}; look at enforcement.billing.nodePools`);
  const busy = name === "ResourceInUseException" || answer.status === 429 || answer.status >= 500;
  return new GenOpsError(busy ? "unavailable" : "refused", text);
}

function poolOf(target: BillingTarget): string {
  if (target.kind === "resize-node-pool") return target.pool;
  throw new GenOpsError("internal", `node pools know no ${target.kind}`);
}
