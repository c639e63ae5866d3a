import type { EnforcementConfig, EnforcementMode } from "../../../config/types.ts";
import { environmentClass } from "../actions/common/environments.ts";
import type { ActionName, ApprovalNeeds, Step } from "../types.ts";

const CAREFUL: Readonly<Record<EnforcementMode, number>> = { auto: 0, approve: 1, "dry-run": 2 };

/** Steps that a person must have agreed to in every mode: what runs there cannot come back by itself, or is gone. */
const ALWAYS_APPROVED: ReadonlySet<ActionName> = new Set(["deny-all", "cordon-node", "evict-pods", "no-execute"]);

/**
 * How many people must have agreed to a step in every mode, `auto` included (rows 12 to 17 of the decision table). Two: a block in prod, and
 * what only people ask for.
 */
export function fewestApprovals({ action, rung, environment }: Omit<NeedingStep, "layer">): 0 | 1 | 2 {
  if (rung === "human" || (rung === "block" && environmentClass(environment) === "prod")) return 2;
  return ALWAYS_APPROVED.has(action) ? 1 : 0;
}

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
  const fewest = fewestApprovals(step);
  const mode = [
    settings.mode,
    settings.layers[step.layer],
    ...modesOf(step.environment, settings.environments),
    step.rung === "human" ? undefined : settings.rungs[step.rung],
  ].reduce<EnforcementMode>(
    (careful, each) => (each === undefined ? careful : moreCareful(careful, each)),
    fewest === 0 ? "auto" : "approve",
  );
  if (mode === "auto") return { mode, approvals: 0 };
  return { mode, approvals: Math.max(1, fewest) };
}

/** The name is a label's value: `constructor` is one too. */
function modesOf(environment: string, modes: EnforcementConfig["environments"]): EnforcementMode[] {
  const names = [environment, environmentClass(environment)];
  return names.flatMap((name) => (Object.hasOwn(modes, name) ? (modes[name] ?? []) : []));
}

function moreCareful(a: EnforcementMode, b: EnforcementMode): EnforcementMode {
  return CAREFUL[a] >= CAREFUL[b] ? a : b;
}
