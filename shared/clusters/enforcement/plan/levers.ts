import type { ActionContext, Proposal, WorkloadAction } from "../actions/common/action.ts";
import { ACTIONS } from "../actions/registry.ts";
import type { ClusterHolds, Want } from "../types.ts";
import { type Candidate, type Eligible, fieldsCandidate } from "./candidate.ts";
import { isAtMost, type Refusal } from "./eligibility.ts";
import type { PlanInput } from "./types.ts";

/** Each workload is at most one action's business per rung. */
const LEVERS: Readonly<Record<"freeze" | "throttle" | "block", readonly WorkloadAction[]>> = {
  freeze: [ACTIONS["cap-hpa"], ACTIONS["pause-keda-scale-out"], ACTIONS["suspend-cron-job"]],
  throttle: [ACTIONS["lower-hpa"], ACTIONS["scale-to-floor"], ACTIONS["hold-keda"], ACTIONS["suspend-job"]],
  block: [ACTIONS["scale-to-zero"], ACTIONS["hold-keda-at-zero"]],
};

export type Lever = { candidate: Candidate } | { refusals: readonly Refusal[] };

type LeverInput = Pick<PlanInput, "inventory" | "settings" | "rights"> & { holds?: ClusterHolds };

/**
 * The strongest step for a workload among `rungs` (the strongest first) that its namespace allows. No candidate and no refusal: there is
 * nothing to do. `mostPods`: so many may still go in this run.
 */
export function findLever(
  input: LeverInput,
  want: Want,
  eligible: Eligible,
  rungs: readonly (keyof typeof LEVERS)[],
  mostPods = Number.POSITIVE_INFINITY,
): Lever {
  const refusals: Refusal[] = [];
  for (const rung of rungs.filter((each) => isAtMost(each, eligible.most))) {
    for (const action of LEVERS[rung]) {
      const found = tryAction(input, want, eligible, action, mostPods);
      if (found === "not-mine") continue;
      if (found === "done") return { refusals: [] };
      if ("candidate" in found) return found;
      refusals.push(found);
      break;
    }
  }
  const isWhole = eligible.workload.kind === "DaemonSet" && rungs.some((rung) => rung !== "freeze");
  return {
    refusals: isWhole ? [{ reason: "a DaemonSet has no number of replicas: it goes with its nodes" }] : refusals,
  };
}

function tryAction(
  input: LeverInput,
  want: Want,
  eligible: Eligible,
  action: WorkloadAction,
  mostPods: number,
): { candidate: Candidate } | Refusal | "not-mine" | "done" {
  const { inventory, settings } = input;
  const context: ActionContext = { inventory, settings, want, stepId: "", mostPods };
  const verdict = action.propose(eligible, context);
  if (typeof verdict === "string") return verdict;
  if ("leftOut" in verdict)
    return { reason: verdict.leftOut, ...(verdict.hint === undefined ? {} : { hint: verdict.hint }) };
  const proposal = withRights(verdict.step, input.rights);
  if (proposal === undefined) return { reason: "the rights here are scale-only: only Deployments can be scaled" };
  const made = fieldsCandidate(action, proposal, {
    clusterUid: inventory.clusterUid,
    holds: input.holds,
    want,
    environment: eligible.workload.governance.environment,
    touches: [eligible.workload.ref.uid],
  });
  return "candidate" in made ? made : { reason: made.leftOut };
}

/** The scale subresource changes replicas and nothing else, and the shipped role has it for Deployments only. */
function withRights(proposal: Proposal, rights: PlanInput["rights"]): Proposal | undefined {
  if (rights !== "scale-only") return proposal;
  const { write } = proposal;
  if (write.kind !== "fields" || write.target.kind !== "Deployment") return undefined;
  if (write.fields.some(({ pointer }) => pointer !== "/spec/replicas")) return undefined;
  return { ...proposal, write: { ...write, via: "scale" } };
}
