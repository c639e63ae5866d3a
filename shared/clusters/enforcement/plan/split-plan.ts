import type { EnforcementConfig } from "../../../config/types.ts";
import { sum } from "../../../core/decimal.ts";
import type { Plan, Step } from "../types.ts";
import { planHash } from "./hash.ts";
import { needsOf, needsOfStep } from "./needs.ts";

/**
 * The plan as one plan for each kind of consent that its steps need, the freest first: what may be done by itself does not wait for what people
 * have to approve. Each has a hash of its own. Together they are the steps of the whole; what was left out stays with the first.
 */
export function splitPlan(plan: Plan, settings: EnforcementConfig): Plan[] {
  const groups = Map.groupBy(plan.steps, (step) => consentOf(step, settings));
  if (groups.size < 2) return [plan];
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, steps], index) => partOf(plan, steps, settings, index === 0));
}

const ORDER = { auto: 0, approve: 1, "dry-run": 2 } as const;

function consentOf(step: Step, settings: EnforcementConfig): string {
  const { mode, approvals } = needsOfStep(step, settings);
  return `${ORDER[mode]} ${approvals}`;
}

function partOf(plan: Plan, steps: readonly Step[], settings: EnforcementConfig, isFirst: boolean): Plan {
  const policies = new Set(steps.map(({ policy }) => policy));
  return {
    ...plan,
    hash: planHash({ clusterUid: plan.clusterUid, steps }),
    steps,
    wants: plan.wants.filter(({ policy }) => policies.has(policy)),
    leftOut: isFirst ? plan.leftOut : [],
    savesPerHour: sum(steps.map(({ savesPerHour }) => savesPerHour)),
    savesUntilEnd: sum(steps.map(({ savesUntilEnd }) => savesUntilEnd)),
    needs: needsOf(steps, settings),
  };
}
