import type { Json } from "../../../core/json.ts";
import type { KubeObject } from "../../connections/types.ts";
import { numberAt, textAt, textsAt, valueAt } from "../../inventory/fields.ts";
import { parseQuantity } from "../../inventory/quantities.ts";
import { readField } from "../fields.ts";
import type { PoolAction, Verdict } from "./common/action.ts";
import { proposeFields } from "./common/fields-step.ts";

/**
 * Row 6: Karpenter makes no further nodes: the pool's limits become what it has now. Nodes that it has stay; the template is never touched,
 * because Karpenter replaces nodes that differ from it.
 */
export const capNodePool: PoolAction = {
  name: "cap-node-pool",
  rung: "freeze",
  about: "pool",
  propose({ pool }, { inventory }): Verdict {
    const { object } = pool;
    if (pool.kind !== "karpenter" || object === undefined) return "not-mine";
    const limits = limitsOf(object);
    // Static pools allow no other limit (karpenter.sh/v1).
    const isStatic = numberAt(object, "spec", "replicas") !== undefined;
    const now = isStatic ? { nodes: String(nodesOf(object) ?? pool.nodes.length) } : resourcesOf(object);
    if (now === undefined) return { leftOut: "its status does not say yet what it has" };
    const wanted = { ...limits };
    for (const [name, has] of Object.entries(now)) wanted[name] = lower(limits[name], has);
    return proposeFields(
      inventory.cluster,
      object,
      { "/spec/limits": wanted },
      {
        reverse: limits === NO_LIMITS ? "removes the limits" : "puts the limits back",
        pods: 0,
        remarks: ["it stops new nodes only, and Karpenter can overrun it by what it is making at that moment"],
      },
    );
  },
};

type Limits = Readonly<Record<string, Json>>;
const NO_LIMITS: Limits = {};

function limitsOf(object: KubeObject): Limits {
  const limits = readField(object, "/spec/limits");
  return "absent" in limits || limits.value === null || typeof limits.value !== "object" || Array.isArray(limits.value)
    ? NO_LIMITS
    : (limits.value as Limits);
}

function nodesOf(object: KubeObject): number | undefined {
  const nodes = valueAt(object, "status", "nodes") ?? textAt(object, "status", "resources", "nodes");
  return nodes === undefined || Number.isNaN(Number(nodes)) ? undefined : Number(nodes);
}

function resourcesOf(object: KubeObject): Readonly<Record<string, string>> | undefined {
  const { cpu, memory } = textsAt(object, "status", "resources");
  return cpu === undefined || memory === undefined ? undefined : { cpu, memory };
}

/** A limit that is lower already stays as it is written. */
function lower(limit: Json | undefined, has: string): Json {
  const [before, now] = [limit === undefined ? undefined : parseQuantity(String(limit)), parseQuantity(has)];
  return limit !== undefined && before !== undefined && now !== undefined && before <= now ? limit : has;
}
