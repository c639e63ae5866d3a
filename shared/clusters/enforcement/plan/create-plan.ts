import { type Decimal, fromInteger, multiplyDivide, sum, ZERO } from "../../../core/decimal.ts";
import type { LeftOut, Plan, Step, Want } from "../types.ts";
import type { Candidate } from "./candidate.ts";
import { createCaps } from "./caps.ts";
import { freedBy } from "./choose.ts";
import { planHash } from "./hash.ts";
import { humanSteps } from "./human-steps.ts";
import { summarized } from "./left-out.ts";
import { needsOf } from "./needs.ts";
import { isDryRun, planWant } from "./plan-want.ts";
import { matchScopes } from "./scope.ts";
import type { PlanInput } from "./types.ts";
import { wantRefusal } from "./want-refusal.ts";
import { worldOf } from "./world.ts";

const STRENGTH = { throttle: 1, block: 0 } as const;
const HOUR_MS = 3_600_000;

/**
 * What is to be done in one cluster for what is wanted, with its price, and everything that was left out with the reason. Pure: the same
 * input, in whatever order its lists are, gives the same plan.
 */
export function createPlan(input: PlanInput): Plan {
  const { inventory, settings, now, requester } = input;
  const { candidates, leftOut } = candidatesOf(input);
  const { steps: own, remarks } = priced(candidates, input);
  const steps = [...own, ...(input.billingSteps ?? [])];
  const deeds = { clusterUid: inventory.clusterUid, steps };
  return {
    hash: planHash(deeds),
    cluster: inventory.cluster,
    ...deeds,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + settings.approvalExpiresMinutes * 60_000).toISOString(),
    requester,
    wants: inPrecedence(input.wants),
    leftOut: summarized(leftOut),
    currency: input.priced.currency,
    savesPerHour: sum(steps.map(({ savesPerHour }) => savesPerHour)),
    savesUntilEnd: sum(steps.map(({ savesUntilEnd }) => savesUntilEnd)),
    needs: needsOf(steps, settings),
    remarks: [...dryRunRemarks(input), ...inventory.problems, ...input.priced.problems, ...remarks],
  };
}

function dryRunRemarks({ settings, wants }: PlanInput): string[] {
  const climbs = wants.some(({ atOnce, rung }) => atOnce !== true && rung !== "freeze");
  if (!isDryRun(settings) || !climbs) return [];
  return ["a dry run shows the last rung; in earnest each run goes one rung further: freeze, throttle, block"];
}

function candidatesOf(input: PlanInput): { candidates: Candidate[]; leftOut: LeftOut[] } {
  const world = worldOf(input);
  const caps = createCaps(input.settings, input.inventory.workloads, input.holds);
  const asked = humanSteps(input, world);
  const candidates: Candidate[] = [...asked.candidates];
  const leftOut: LeftOut[] = [...asked.leftOut];
  for (const candidate of candidates) caps.take(candidate);
  for (const want of inPrecedence(input.wants)) {
    const whole = { subject: `cluster ${input.inventory.cluster}`, policy: want.policy };
    const refusal = wantRefusal(want, input);
    const match = matchScopes(want.scopes, input.inventory, input.match);
    if (refusal !== undefined) leftOut.push({ ...whole, ...refusal });
    else if (match !== undefined && "untold" in match) leftOut.push({ ...whole, ...untold(match.untold) });
    else if (match !== undefined) {
      const touched = new Set(candidates.flatMap(({ touches }) => touches));
      const outcome = planWant({ input, world, caps, planned: { candidates, touched }, want, match });
      candidates.push(...outcome.candidates);
      leftOut.push(...outcome.leftOut);
    }
  }
  return { candidates, leftOut };
}

function untold(dimension: string): Omit<LeftOut, "subject" | "policy"> {
  return {
    reason: `the budget's scope names ${dimension}, which a cluster cannot tell`,
    hint: `say in genops.yaml which it is: clusters[].match: { ${dimension}: [...] }`,
  };
}

/** Block before throttle; then by name. */
function inPrecedence(wants: readonly Want[]): Want[] {
  return wants.toSorted((a, b) => STRENGTH[a.action] - STRENGTH[b.action] || (a.policy < b.policy ? -1 : 1));
}

function priced(candidates: readonly Candidate[], input: PlanInput): { steps: Step[]; remarks: readonly string[] } {
  const freeing = candidates.filter(({ proposal }) => proposal.frees !== undefined);
  const saving = freeing.length === 0 ? undefined : input.savings(freedBy(freeing));
  const perHour = new Map(freeing.map(({ id }, index) => [id, saving?.byStep[index] ?? ZERO]));
  const steps = candidates.map((candidate) => stepOf(candidate, perHour.get(candidate.id) ?? ZERO, input));
  return { steps, remarks: saving?.remarks ?? [] };
}

function stepOf(candidate: Candidate, savesPerHour: Decimal, { inventory, now }: PlanInput): Step {
  const { proposal, want } = candidate;
  const { write, reverse, reversible, pods, commands, remarks } = proposal;
  const until = Math.min(Date.parse(`${want.period.end}T00:00:00Z`), Date.parse(want.expiresAt));
  return {
    id: candidate.id,
    action: candidate.action,
    layer: "cluster",
    rung: candidate.rung,
    policy: want.policy,
    cluster: inventory.cluster,
    subject: candidate.subject,
    ...(candidate.namespace === undefined ? {} : { namespace: candidate.namespace }),
    environment: candidate.environment,
    write,
    reverse,
    reversible,
    savesPerHour,
    savesUntilEnd: multiplyDivide(savesPerHour, fromInteger(Math.max(0, until - now.getTime())), fromInteger(HOUR_MS)),
    pods,
    commands,
    remarks,
    expiresAt: want.expiresAt,
  };
}
