import { GenOpsError } from "../../../core/errors.ts";
import { canonicalJson, type Json } from "../../../core/json.ts";
import type { BillingState } from "../../../ports/billing-control.ts";
import { isTree } from "../../connections/objects.ts";
import type { OwnWork } from "../types.ts";
import { type Gate, NotSent } from "./own-objects.ts";
import type { TransactionDeps } from "./types.ts";

export type BillingWrite = Extract<OwnWork["write"], { kind: "billing" }>;

type Change = { done: true } | { done: false; found: BillingState };

/** Changes a cloud's billing side from one state into another; nothing when it is there already. `done: false`: it is in neither. */
export async function changeBilling(
  deps: Pick<TransactionDeps, "billing">,
  name: string,
  from: Json,
  to: Json,
  gate: Gate,
): Promise<Change> {
  const { control, target } = billingOf(deps, name);
  const found = await control.read(target);
  if (isSame(found, to)) return { done: true };
  if (!isSame(found, from)) return { done: false, found };
  const closed = await gate();
  if (closed !== undefined) throw new NotSent(closed);
  await control.change(target, stateOf(from), stateOf(to));
  return { done: true };
}

/** What the cloud offers as a dry run: undefined when it would be done, else why not. */
export async function tryBilling(
  deps: Pick<TransactionDeps, "billing">,
  { control: name, from, to }: BillingWrite,
): Promise<string | undefined> {
  const { control, target } = billingOf(deps, name);
  const tried = await control.dryRun(target, stateOf(from), stateOf(to));
  return tried.ok ? undefined : tried.reason;
}

export async function isBillingAt(deps: Pick<TransactionDeps, "billing">, name: string, state: Json): Promise<boolean> {
  const { control, target } = billingOf(deps, name);
  return isSame(await control.read(target), state);
}

function billingOf({ billing }: Pick<TransactionDeps, "billing">, name: string) {
  const found = billing?.(name);
  if (found === undefined) throw new GenOpsError("refused", `billing control ${name} is not configured here`);
  return found;
}

/** Only what the plan names: a control may tell more of its state than it changes. */
function isSame(found: BillingState, wanted: Json): boolean {
  return Object.entries(stateOf(wanted)).every(
    ([key, value]) => canonicalJson(found[key] ?? null) === canonicalJson(value),
  );
}

function stateOf(state: Json): BillingState {
  if (isTree(state)) return state as BillingState;
  throw new GenOpsError("internal", "a billing state is an object");
}
