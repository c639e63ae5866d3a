import { createHash } from "node:crypto";
import { canonicalJson } from "../../../core/json.ts";
import type { Plan } from "../types.ts";

/**
 * SHA-256 over what the plan would do: the cluster's identity, the steps' ids and what they write. Prices, times and reasons are not in it:
 * the same deeds planned again an hour later are the same plan, and an approval of it still holds.
 */
export function planHash({ clusterUid, steps }: Pick<Plan, "clusterUid" | "steps">): string {
  const deeds = steps.map(({ id, action, write }) => ({ id, action, write }));
  return createHash("sha256").update(canonicalJson({ clusterUid, deeds })).digest("hex");
}
