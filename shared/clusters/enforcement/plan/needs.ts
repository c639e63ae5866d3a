import type { EnforcementConfig, EnforcementMode } from "../../../config/types.ts";
import { environmentClass } from "../actions/common/environments.ts";
import type { ActionName, ApprovalNeeds, Step } from "../types.ts";

const CAREFUL: Readonly<Record<EnforcementMode, number>> = { auto: 0, approve: 1, "dry-run": 2 };

/** Steps that a person must have agreed to in every mode: what runs there cannot come back by itself, or is gone. */
const ALWAYS_APPROVED: ReadonlySet<ActionName> = new Set(["deny-all", "cordon-node", "evict-pods", "no-execute"]);

/** By two persons wherever it is. */
const TWO_PERSONS: ReadonlySet<ActionName> = new Set(["no-execute", "gcp-detach-billing"]);

/** What all steps together need: the most careful mode, the most people. No step needs nobody. */
export function needsOf(steps: readonly NeedingStep[], settings: EnforcementConfig): ApprovalNeeds {
  const needs = steps.map((step) => needsOfStep(step, settings));
  const leastCareful = settings.mode === "dry-run" ? "dry-run" : "auto";
  return {
    mode: needs.reduce<EnforcementMode>((mode, need) => moreCareful(mode, need.mode), leastCareful),
    approvals: Math.max(0, ...needs.map(({ approvals }) => approvals)),
  };
}

type NeedingStep = Pick<Step, "action" | "rung" | "layer" | "environment">;

/** The most careful of what the configuration says about everything, the layer, the environment and the rung. */
export function needsOfStep(step: NeedingStep, settings: EnforcementConfig): ApprovalNeeds {
  const isProd = environmentClass(step.environment) === "prod";
  const isTwo = TWO_PERSONS.has(step.action) || (step.rung === "block" && isProd);
  const floor = isTwo || step.rung === "human" || ALWAYS_APPROVED.has(step.action) ? "approve" : "auto";
  const mode = [
    settings.mode,
    settings.layers[step.layer],
    settings.environments[step.environment],
    settings.environments[environmentClass(step.environment)],
    step.rung === "human" ? undefined : settings.rungs[step.rung],
  ].reduce<EnforcementMode>((careful, each) => (each === undefined ? careful : moreCareful(careful, each)), floor);
  if (mode === "auto") return { mode, approvals: 0 };
  return { mode, approvals: isTwo ? 2 : 1 };
}

function moreCareful(a: EnforcementMode, b: EnforcementMode): EnforcementMode {
  return CAREFUL[a] >= CAREFUL[b] ? a : b;
}
