import type { EnforcementConfig } from "../../../config/types.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";

/** What approving needs from outside. */
export interface ApprovalDeps {
  store: ObjectStore;
  clock: Pick<Clock, "now">;
  /** Who counts, and for how long; always the configuration of now. */
  enforcement: Pick<EnforcementConfig, "approvers" | "approvalExpiresMinutes">;
}
