import type { ClusterAction } from "../types.ts";
import { capHpa } from "./cap-hpa.ts";
import { capNodePool } from "./cap-node-pool.ts";
import type { Action } from "./common/action.ts";
import { cordonNode } from "./cordon-node.ts";
import { denyAll } from "./deny-all.ts";
import { denyGrowth } from "./deny-growth.ts";
import { evictPods } from "./evict-pods.ts";
import { freezeQuota } from "./freeze-quota.ts";
import { holdKeda } from "./hold-keda.ts";
import { holdKedaAtZero } from "./hold-keda-at-zero.ts";
import { lowerHpa } from "./lower-hpa.ts";
import { noExecute } from "./no-execute.ts";
import { pauseKedaScaleOut } from "./pause-keda-scale-out.ts";
import { scaleToFloor } from "./scale-to-floor.ts";
import { scaleToZero } from "./scale-to-zero.ts";
import { suspendCronJob } from "./suspend-cron-job.ts";
import { suspendJob } from "./suspend-job.ts";
import { taintNodes } from "./taint-nodes.ts";

/** Every row of the decision table (`reference/kubernetes.md` §3.2), in its order. */
export const ACTIONS = {
  "deny-growth": denyGrowth,
  "freeze-quota": freezeQuota,
  "cap-hpa": capHpa,
  "pause-keda-scale-out": pauseKedaScaleOut,
  "suspend-cron-job": suspendCronJob,
  "cap-node-pool": capNodePool,
  "taint-nodes": taintNodes,
  "lower-hpa": lowerHpa,
  "scale-to-floor": scaleToFloor,
  "hold-keda": holdKeda,
  "suspend-job": suspendJob,
  "scale-to-zero": scaleToZero,
  "hold-keda-at-zero": holdKedaAtZero,
  "deny-all": denyAll,
  "cordon-node": cordonNode,
  "evict-pods": evictPods,
  "no-execute": noExecute,
} as const satisfies Record<ClusterAction, Action>;
