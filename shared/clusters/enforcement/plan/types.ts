import type { EnforcementConfig } from "../../../config/types.ts";
import type { Decimal } from "../../../core/decimal.ts";
import type { Scope } from "../../../core/finding.ts";
import type { Freed, PricedInventory, Saving } from "../../costs/types.ts";
import type { Inventory } from "../../inventory/types.ts";
import type { ClusterHolds, Step, Want } from "../types.ts";

export interface PlanInput {
  inventory: Inventory;
  priced: PricedInventory;
  /** What freeing pods would save: pure, and cheap enough to be asked some dozen times. */
  savings: (freed: readonly Freed[]) => Saving;
  wants: readonly Want[];
  settings: EnforcementConfig;
  /** `ClusterConfig.match`: what tells which bill rows the cluster is, where a scope names what a cluster does not know. */
  match?: Scope;
  /** `ClusterConfig.rights`. */
  rights?: "standard" | "scale-only";
  /** What is held in the cluster already. */
  holds?: ClusterHolds;
  now: Date;
  /** `genops`, or the person who asked. */
  requester: string;
  /** Age of the newest bill that the wants were decided on; undefined where no want comes from a bill. */
  dataAgeHours?: number;
  /** Rows 15–17, named by a person. Never by a budget. */
  humanActions?: readonly HumanAction[];
  /** Billing-side steps, made elsewhere: appended as they are. */
  billingSteps?: readonly Step[];
  /** A want's money in the cluster's currency; undefined: there is no rate. */
  convert?: (amount: Decimal, from: string, to: string) => Decimal | undefined;
}

/** A person's explicit request. `policy` is the want that it belongs to (`person/<who>/<id>`). */
export type HumanAction = { policy: string; expiresAt: string } & (
  | { action: "cordon-node" | "no-execute"; node: string }
  | { action: "evict-pods"; namespace: string; kind: string; name: string }
);
