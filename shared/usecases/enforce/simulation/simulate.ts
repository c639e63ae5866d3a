import { readStoredHolds } from "../../../clusters/enforcement/hold/document.ts";
import { subjectOf } from "../../../clusters/enforcement/hold/hold.ts";
import { nextWants } from "../../../clusters/enforcement/plan/wants.ts";
import { NO_WANTS, type WantsState, wantsOf } from "../../../clusters/enforcement/plan/wants-state.ts";
import type { ClusterHolds, Plan, Want } from "../../../clusters/enforcement/types.ts";
import { add, type Decimal, fromInteger, multiply, ZERO } from "../../../core/decimal.ts";
import { messageOf } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/json.ts";
import { type Day, dayOf } from "../../../core/period.ts";
import type { Runtime } from "../../runtime.ts";
import { openPlanner, type Planner } from "./open-planner.ts";
import { daysBefore, type PastStandings, pastStandings } from "./past-standings.ts";
import { recordedPlans } from "./recorded-plans.ts";

export interface SimulatedWorkload {
  cluster: string;
  subject: string;
  environment: string;
  days: number;
  saved: Decimal;
  /** A person put it back when GenOps really did it, or changed it after us: who, as far as is known. */
  undone?: string;
}

export interface Simulation {
  from: Day;
  /** Exclusive. */
  to: Day;
  currency: string;
  saved: Decimal;
  workloads: readonly SimulatedWorkload[];
  days: readonly SimulatedDay[];
  remarks: readonly string[];
}

export interface SimulatedDay {
  day: Day;
  wants: readonly string[];
  steps: number;
  saved: Decimal;
  /** `recorded`: the plan that a dry run made that day. `replayed`: made now, over the cluster as it is now. */
  basis: "recorded" | "replayed";
  knowledge: PastStandings["knowledge"];
}

const HOURS = fromInteger(24);

/**
 * Replays past days: their budgets by the ledger as it was known then, their wants with all hysteresis, and their plans: those that dry runs
 * recorded, else plans over the clusters as they are now. Nothing is written to any cluster.
 */
export async function simulate(
  runtime: Runtime,
  { days: count, clusters }: { days: number; clusters?: readonly string[] | undefined },
): Promise<Simulation> {
  const today = dayOf(runtime.clock.evaluationNow());
  const dates = daysBefore(today, count);
  const past = await pastStandings(runtime, dates);
  const { planners, problems } = await openPlanners(runtime, clusters);
  const recorded = await recordedPlans(runtime, dates[0] ?? today, clusters);
  const workloads = new Map<string, SimulatedWorkload>();
  const simulated: SimulatedDay[] = [];
  let state: WantsState = NO_WANTS;
  for (const { day, knowledge, standings } of past) {
    const now = new Date(`${day}T12:00:00.000Z`);
    state = nextWants(state, standings, now, { ...runtime.config.enforcement, enterAfter: 1 });
    const wants = wantsOf(state, now);
    if (wants.length === 0) continue;
    const own = recorded.get(day);
    const plans = own ?? planners.flatMap((planner) => planner.plan(wants, now));
    simulated.push(
      countDay({ day, knowledge, basis: own === undefined ? "replayed" : "recorded", wants, plans }, workloads),
    );
  }
  const undone = await undoneByPeople(runtime, planners);
  return {
    from: dates[0] ?? today,
    to: today,
    currency: runtime.config.currency.report,
    saved: simulated.reduce((total, { saved }) => add(total, saved), ZERO),
    workloads: [...workloads.values()].map((each) => withUndone(each, undone)).toSorted(mostFirst),
    days: simulated,
    remarks: [...remarksOf(past, simulated), ...problems],
  };
}

async function openPlanners(runtime: Runtime, clusters: readonly string[] | undefined) {
  const planners: Planner[] = [];
  const problems: string[] = [];
  for (const planner of await openPlanner(runtime, clusters)) {
    try {
      planners.push(await planner.open());
    } catch (error) {
      problems.push(`cluster ${planner.cluster} is not in it: ${messageOf(error)}`);
    }
  }
  return { planners, problems };
}

interface PlannedDay extends Omit<SimulatedDay, "wants" | "steps" | "saved"> {
  wants: readonly Want[];
  plans: readonly Plan[];
}

function countDay({ plans, wants, ...rest }: PlannedDay, workloads: Map<string, SimulatedWorkload>): SimulatedDay {
  const steps = plans.flatMap((plan) => plan.steps);
  for (const { cluster, subject, environment, savesPerHour } of steps) {
    const key = canonicalJson([cluster, subject]);
    const before = workloads.get(key) ?? { cluster, subject, environment, days: 0, saved: ZERO };
    workloads.set(key, { ...before, days: before.days + 1, saved: add(before.saved, multiply(savesPerHour, HOURS)) });
  }
  const perHour = steps.reduce((total, { savesPerHour }) => add(total, savesPerHour), ZERO);
  return { ...rest, wants: wants.map(({ policy }) => policy), steps: steps.length, saved: multiply(perHour, HOURS) };
}

function mostFirst(a: SimulatedWorkload, b: SimulatedWorkload): number {
  if (a.saved !== b.saved) return a.saved < b.saved ? 1 : -1;
  return a.cluster.localeCompare(b.cluster) || a.subject.localeCompare(b.subject);
}

/** Objects that somebody changed after we really had acted on them. */
async function undoneByPeople({ lake }: Runtime, planners: readonly Planner[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { cluster } of planners) {
    const document: ClusterHolds | undefined = await readStoredHolds(lake, cluster);
    for (const { subject, outcome } of document?.closed ?? [])
      if (outcome.startsWith("changed by")) found.set(canonicalJson([cluster, subject]), outcome);
    for (const hold of Object.values(document?.holds ?? {}))
      if (hold.state === "overridden")
        found.set(canonicalJson([cluster, subjectOf(hold.ref)]), hold.detail ?? "changed");
  }
  return found;
}

function withUndone(workload: SimulatedWorkload, undone: ReadonlyMap<string, string>): SimulatedWorkload {
  const by = undone.get(canonicalJson([workload.cluster, workload.subject]));
  return by === undefined ? workload : { ...workload, undone: by };
}

function remarksOf(past: readonly PastStandings[], simulated: readonly SimulatedDay[]): string[] {
  const young = past.filter(({ knowledge }) => knowledge === "now").length;
  const replayed = simulated.filter(({ basis }) => basis === "replayed").length;
  return [
    ...(young === 0
      ? []
      : [`${young} of ${past.length} days are older than the ledger: they are judged by what it knows of them now`]),
    ...(replayed === 0
      ? []
      : [
          `${replayed} of ${simulated.length} days are planned over the clusters as they are now: no dry run recorded them`,
        ]),
    "a threshold counts from the first day that reaches it, and savings by whole days",
  ];
}
