import { encodePlan } from "../../../../shared/clusters/enforcement/plan/plan-json.ts";
import { planCommands, planText } from "../../../../shared/clusters/enforcement/plan/plan-text.ts";
import type { HumanAction } from "../../../../shared/clusters/enforcement/plan/types.ts";
import type { Plan, Want } from "../../../../shared/clusters/enforcement/types.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import { personByToken } from "../../../../shared/usecases/approvals.ts";
import { billingWants, humanActions } from "../../../../shared/usecases/enforce/human-wishes.ts";
import { type ClusterPlans, planNow } from "../../../../shared/usecases/enforce/plan-now.ts";
import { atOnce, type SettledWants, wantByHand, wantsNow } from "../../../../shared/usecases/enforce/settle-wants.ts";
import type { Runtime } from "../../../../shared/usecases/runtime.ts";
import { answer } from "../../answer.ts";
import type { Format, Output } from "../../output.ts";
import { readToken } from "./read-token.ts";

export interface PlanOptions {
  cluster?: string[];
  scope?: string[];
  rung?: string;
  until?: string;
  whole?: boolean;
  cordon?: string[];
  taintNoExecute?: string[];
  evict?: string[];
  billing?: string[];
  propose?: boolean;
  tokenFile?: string;
}

const DEFAULT_RUNG = "throttle";
/** Asks for a preview: nobody yet. */
const PREVIEW = "preview";

/** `genops enforce plan`: 0; 1 when nothing could be proposed that has steps; 3 when a cluster could not be read. */
export async function planCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: PlanOptions,
): Promise<number> {
  const requester = await requesterOf(runtime, options);
  const { wants, dataAgeHours, notYet, actions } = await wished(runtime, options, requester ?? PREVIEW);
  const planned = await planNow(runtime, {
    humanActions: actions,
    clusters: options.cluster,
    wants,
    dataAgeHours,
    requester: requester ?? "genops",
    propose: requester !== undefined,
  });
  const document = plansDocument(wants, notYet, planned);
  answer(out, format, {
    document,
    records: planned.flatMap(({ plans }) => plans.flatMap(stepRecords)),
    print: () => printPlans(out, wants, notYet, planned),
  });
  if (planned.some(({ problem }) => problem !== undefined)) return 3;
  return requester !== undefined && planned.some(isNotProposed) ? 1 : 0;
}

/** Who puts the plan before people, proven by a token as an approver is: nobody approves what they asked for. Undefined: a preview. */
async function requesterOf(runtime: Runtime, { propose, tokenFile }: PlanOptions): Promise<string | undefined> {
  if (propose !== true && tokenFile === undefined) return undefined;
  if (propose !== true) throw new GenOpsError("usage", "--token-file says who proposes: give --propose, too");
  if (tokenFile === undefined) throw new GenOpsError("usage", "--propose needs --token-file: who asks must be known");
  const { identities } = await personByToken(runtime, await readToken(tokenFile));
  return identities[0];
}

type Wished = Pick<SettledWants, "wants" | "dataAgeHours" | "notYet"> & { actions: readonly HumanAction[] };

/** What a person names goes before what budgets want: a plan is the one or the other. */
async function wished(runtime: Runtime, options: PlanOptions, by: string): Promise<Wished> {
  const { cordon, taintNoExecute: noExecute, evict, billing, until } = options;
  const wishes = { cordon, noExecute, evict, billing, until, by };
  const isByHand = [cordon, noExecute, evict, billing].some((each) => each !== undefined);
  if (!isByHand) return { ...(await wishedScope(runtime, options, by)), actions: [] };
  if (options.scope !== undefined || options.rung !== undefined || options.whole !== undefined)
    throw new GenOpsError("usage", "--cordon, --taint-no-execute, --evict and --billing make a plan of their own");
  const nodes = [cordon, noExecute, evict].some((each) => each !== undefined);
  if (nodes && options.cluster?.length !== 1)
    throw new GenOpsError("usage", "--cordon, --taint-no-execute and --evict need --cluster with one name");
  const actions = humanActions(runtime, wishes);
  return { wants: billingWants(runtime, wishes), dataAgeHours: undefined, notYet: [], actions };
}

async function wishedScope(
  runtime: Runtime,
  { scope, rung, until, whole }: PlanOptions,
  by: string,
): Promise<Omit<Wished, "actions">> {
  if (scope === undefined && (rung !== undefined || until !== undefined))
    throw new GenOpsError(
      "usage",
      "--rung and --until belong to what is asked for by hand: what budgets want has its own",
    );
  if (scope !== undefined) {
    const want = wantByHand(runtime, { scope, rung: rung ?? DEFAULT_RUNG, until, by });
    return { wants: [want], dataAgeHours: undefined, notYet: [] };
  }
  const settled = await wantsNow(runtime);
  return whole === true ? { ...settled, wants: settled.wants.map(atOnce) } : settled;
}

function isNotProposed({ plans, records }: ClusterPlans): boolean {
  return plans.some(({ hash, steps }) => steps.length > 0 && !records.some(({ plan }) => plan.hash === hash));
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
  const says = ({ steps, leftOut }: Plan) => wants.length > 0 || steps.length > 0 || leftOut.length > 0;
  if (wants.length === 0 && !planned.some(({ plans }) => plans.some(says)))
    out.line("Nothing is wanted: no budget asks for more than a message.");
  for (const { cluster, plans, problem, records } of planned) {
    if (problem !== undefined) out.line(`\n${cluster}: ${problem}`);
    for (const plan of plans.filter(says)) printPlan(out, plan);
    for (const { plan, state } of records) out.line(`\nproposed: ${plan.hash}: ${state}`);
  }
}

function printPlan(out: Output, plan: Plan): void {
  out.line();
  out.line(planText(plan));
  const commands = planCommands(plan);
  if (commands.length > 0) out.line("\nInstead, by hand:");
  for (const command of commands) out.line(`  ${command}`);
}
