import { encodePlan } from "../../../../shared/clusters/enforcement/plan/plan-json.ts";
import { planCommands, planText } from "../../../../shared/clusters/enforcement/plan/plan-text.ts";
import type { Plan, Want } from "../../../../shared/clusters/enforcement/types.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { type ClusterPlans, planNow } from "../../../../shared/usecases/enforce/plan-now.ts";
import { wantByHand, wantsNow } from "../../../../shared/usecases/enforce/settle-wants.ts";
import type { Runtime } from "../../../../shared/usecases/runtime.ts";
import { answer } from "../../answer.ts";
import type { Format, Output } from "../../output.ts";

export interface PlanOptions {
  cluster?: string[];
  scope?: string[];
  rung: string;
  until?: string;
  propose?: boolean;
  by: string;
}

/** `genops enforce plan`: 0, or 3 when a cluster could not be read. */
export async function planCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: PlanOptions,
): Promise<number> {
  const { wants, dataAgeHours, notYet } =
    options.scope === undefined
      ? await wantsNow(runtime)
      : { wants: [wantByHand(runtime, { ...options, scope: options.scope })], dataAgeHours: undefined, notYet: [] };
  const planned = await planNow(runtime, {
    clusters: options.cluster,
    wants,
    dataAgeHours,
    requester: options.scope === undefined && options.propose !== true ? "genops" : options.by,
    propose: options.propose === true,
  });
  const document = plansDocument(wants, notYet, planned);
  answer(out, format, {
    document,
    records: planned.flatMap(({ plans }) => plans.flatMap(stepRecords)),
    print: () => printPlans(out, wants, notYet, planned),
  });
  return planned.some(({ problem }) => problem !== undefined) ? 3 : 0;
}

function stepRecords({ hash, steps, currency }: Plan) {
  return steps.map(({ cluster, rung, action, subject, environment, pods, savesPerHour, savesUntilEnd, policy }) => ({
    cluster,
    plan: hash,
    rung,
    action,
    subject,
    environment,
    pods,
    savesPerHour: formatDecimal(savesPerHour),
    savesUntilEnd: formatDecimal(savesUntilEnd),
    currency,
    policy,
  }));
}

export interface NotYet {
  policy: string;
  reason: string;
}

export function plansDocument(wants: readonly Want[], notYet: readonly NotYet[], planned: readonly ClusterPlans[]) {
  return {
    wants: wants.map(({ policy, action, rung, expiresAt }) => ({ policy, action, rung, expiresAt })),
    notYet,
    clusters: planned.map(({ cluster, plans, problem, records }) => ({
      cluster,
      ...(problem === undefined ? {} : { problem }),
      plans: plans.map(encodePlan),
      proposed: records.map(({ plan, state }) => ({ plan: plan.hash, state })),
    })),
  };
}

/** Plans as a person reads them: what and why, the steps with their prices, what was left out, and what to run instead. */
export function printPlans(
  out: Output,
  wants: readonly Want[],
  notYet: readonly NotYet[],
  planned: readonly ClusterPlans[],
): void {
  for (const { policy, action, rung } of wants) out.line(`wanted: ${action} (up to ${rung}) by ${policy}`);
  for (const { policy, reason } of notYet) out.line(`not yet: ${policy}: ${reason}`);
  if (wants.length === 0) out.line("Nothing is wanted: no budget asks for more than a message.");
  for (const { cluster, plans, problem } of planned) {
    if (problem !== undefined) out.line(`\n${cluster}: ${problem}`);
    if (wants.length > 0) for (const plan of plans) printPlan(out, plan);
  }
}

function printPlan(out: Output, plan: Plan): void {
  out.line();
  out.line(planText(plan));
  const commands = planCommands(plan);
  if (commands.length > 0) out.line("\nInstead, by hand:");
  for (const command of commands) out.line(`  ${command}`);
}
