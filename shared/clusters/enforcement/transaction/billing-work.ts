import { GenOpsError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import type { BillingDryRun, BillingState } from "../../../ports/billing-control.ts";
import { isTree } from "../../connections/objects.ts";
import { isSameState } from "../actions/billing/states.ts";
import type { OwnWork } from "../types.ts";
import { type Gate, NotSent } from "./own-objects.ts";
import type { TransactionDeps } from "./types.ts";

type BillingWrite = Extract<OwnWork["write"], { kind: "billing" }>;

/** `later`: the cloud is at it, and the next run asks for the same again. */
type Change = { outcome: "done" } | { outcome: "later"; detail: string } | { outcome: "taken"; detail: string };

/**
 * Changes a cloud's billing side from one state into another; nothing when it is there already. `taken`: it is in neither, nor on the way.
 * What takes several calls takes several runs: the control knows where it is.
 */
export async function changeBilling(
  deps: Pick<TransactionDeps, "billing">,
  name: string,
  from: Json,
  to: Json,
  gate: Gate,
): Promise<Change> {
  const { control, target } = billingOf(deps, name);
  const found = await control.read(target);
  if (isSameState(target, found, stateOf(to)) && found["progress"] === undefined) return { outcome: "done" };
  const closed = await gate();
  if (closed !== undefined) throw new NotSent(closed);
  try {
    const { progress } = await control.change(target, stateOf(from), stateOf(to));
    return progress === undefined
      ? { outcome: "done" }
      : { outcome: "later", detail: `under way (${String(progress)})` };
  } catch (error) {
    if (error instanceof GenOpsError && error.code === "conflict") return { outcome: "taken", detail: error.message };
    throw error;
  }
}

/** What the cloud offers as a dry run. */
export async function tryBilling(
  deps: Pick<TransactionDeps, "billing">,
  { control: name, from, to }: BillingWrite,
): Promise<BillingDryRun> {
  const { control, target } = billingOf(deps, name);
  return control.dryRun(target, stateOf(from), stateOf(to));
}

export async function isBillingAt(deps: Pick<TransactionDeps, "billing">, name: string, state: Json): Promise<boolean> {
  const { control, target } = billingOf(deps, name);
  return isSameState(target, await control.read(target), stateOf(state));
}

function billingOf({ billing }: Pick<TransactionDeps, "billing">, name: string) {
  const found = billing?.(name);
  if (found === undefined) throw new GenOpsError("refused", `billing control ${name} is not configured here`);
  return found;
}

function stateOf(state: Json): BillingState {
  if (isTree(state)) return state as BillingState;
  throw new GenOpsError("internal", "a billing state is an object");
}
