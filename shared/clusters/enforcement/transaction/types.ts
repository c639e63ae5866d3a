import type { EnforcementConfig } from "../../../config/types.ts";
import type { BillingControl, BillingTarget } from "../../../ports/billing-control.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { Randomness } from "../../../ports/randomness.ts";
import type { KubeClient } from "../../connections/types.ts";
import type { Notice } from "../hold/verdict.ts";
import type { ActionName } from "../types.ts";

/** What acting on one cluster needs from outside. */
export interface TransactionDeps {
  client: KubeClient;
  /** The same cluster by a client that was made with the dry-run switch. */
  dryRunClient: KubeClient;
  store: ObjectStore;
  clock: Clock;
  randomness: Randomness;
  /** A line for people; no secrets. */
  log(text: string): void;
  /** The kill switch. Read before every write; an answer not older than a second may serve several. */
  isStopped(): Promise<boolean>;
  /** Nothing is sent after it. */
  deadline: Date;
  caps: Pick<EnforcementConfig["caps"], "objectsPerRun" | "failedShare" | "restoresPerRun">;
  /** The way to a cloud's billing side, by the name that a step's write bears; undefined: not configured here. */
  billing?(control: string): { control: BillingControl; target: BillingTarget } | undefined;
}

/**
 * - `active`: in force and seen. - `done`: was so already. - `waiting`: written or announced; another controller, or an answer that was lost, is
 *   waited for. - `contested`, `overridden`: as the hold's state. - `restored`, `kept` (somebody changed it), `gone`. - `failed`: refused, with
 *   the server's words. - `left-out`: not begun, with the reason. - `carried-out`: irreversible and done. - `would`: dry run only.
 */
export type StepOutcome =
  | "active"
  | "done"
  | "waiting"
  | "contested"
  | "overridden"
  | "restored"
  | "kept"
  | "gone"
  | "failed"
  | "left-out"
  | "carried-out"
  | "would";

export interface StepReport {
  step: string;
  action: ActionName;
  policy: string;
  subject: string;
  outcome: StepOutcome;
  detail?: string;
}

/** What came of a run over one cluster. */
export interface RunReport {
  cluster: string;
  startedAt: string;
  endedAt: string;
  steps: readonly StepReport[];
  notices: readonly Notice[];
  /** The run was ended before it was done, and why. */
  aborted?: string;
  /** The next run should look again then. */
  verifyAgainAt?: string;
}

export interface ApplyReport extends RunReport {
  planHash: string;
  /** Nothing was begun: the plan is not valid (any more). */
  refused?: string;
}

export interface RestoreReport extends RunReport {
  /** Steps that were selected and have to wait for the next run: `restoresPerRun`. */
  left: number;
}
