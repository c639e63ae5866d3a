import type { ClusterNode } from "../../../inventory/types.ts";
import type { Want } from "../../types.ts";
import type { NodeSubject } from "./action.ts";

export const BUDGET_TAINT = "genops.ai/budget";

/** Would the scheduler put an ordinary pod of its pool there? */
export function isSchedulable({ unschedulable, ready, taints }: ClusterNode): boolean {
  return ready && !unschedulable && !taints.some(({ key }) => key === BUDGET_TAINT);
}

/** The budget's name as a taint's value may be written: letters, digits, `-`, `_`, `.`, at most 63. */
export function taintValue({ budget, policy }: Pick<Want, "budget" | "policy">): string {
  const text = (budget ?? policy).replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 63);
  return text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "") || "budget";
}

/** Why a person's request about a node is not followed. */
export function nodeRefusal({ node, siblings, pool }: NodeSubject): string | undefined {
  if ("node-role.kubernetes.io/control-plane" in node.labels) return "it runs the control plane";
  if (siblings.some((each) => each !== node && isSchedulable(each))) return undefined;
  return `it is the last node ${pool === undefined ? "" : `of pool ${pool.name} `}that takes pods`;
}
