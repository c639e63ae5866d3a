import type { AnomalyConfig, Budget } from "../config/types.ts";
import type { Finding } from "../core/finding.ts";
import { addDays, type Day, dayOf } from "../core/period.ts";
import type { LagModel } from "../ledger/completeness/lag-model.ts";
import { longestSettling, type SettledAfterDays } from "../ledger/settledness.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { SqlEngine } from "../ports/sql-engine.ts";
import { type DetectedAnomalies, detectAnomalies } from "./anomalies/detect-anomalies.ts";
import { createWatch } from "./anomalies/detector/detect.ts";
import { listFeedback } from "./anomalies/feedback/feedback-store.ts";
import type { CreateWatch } from "./anomalies/types.ts";
import { budgetObservations, isCrossed, missingRateObservation } from "./budgets/budget-observations.ts";
import { unsettledPeriods } from "./budgets/budget-period.ts";
import { budgetTreeObservations } from "./budgets/budget-tree.ts";
import { asOfScope, deliveredThrough } from "./budgets/delivered-through.ts";
import { type EvaluateBudgetsInput, evaluateBudgets } from "./budgets/evaluate-budgets.ts";
import { type BudgetExplanation, explainBudgets } from "./budgets/explain-budgets.ts";
import { budgetStanding, type Standings } from "./budgets/standing.ts";
import { thresholdRule } from "./budgets/thresholds.ts";
import type { BudgetStatus } from "./budgets/types.ts";
import type { Convert } from "./convert.ts";
import { listFindings } from "./findings/finding-store.ts";
import { type ReconcileReport, reconcileFindings } from "./findings/reconcile-findings.ts";

/** Open findings of periods that ended longer ago are left as they are: bills are restated for weeks, not for ever. */
const RESTATED_DAYS = 92;

export interface EvaluateDeps {
  engine: SqlEngine;
  store: ObjectStore;
  clock: Pick<Clock, "now" | "evaluationNow">;
  events: EventBus;
}

export interface EvaluateInput {
  budgets: readonly Budget[];
  anomalies: AnomalyConfig;
  settledAfterDays: SettledAfterDays;
  /** How complete unsettled days are. Default: what is believed of every provider. */
  lags?: LagModel | undefined;
  /** Without it, cost in another currency than the budget's is missing and said to be. */
  convert?: Convert | undefined;
  /** Relation with the cube as it is known now. */
  cubeRelation: string;
  /** Relation with cost and quantity by price (`ledger/unit-costs.ts`); without it, unit costs are not judged. */
  unitCostRelation?: string | undefined;
  /** Relation with hourly costs (`ledger/hourly-costs.ts`); without it, nothing is judged by the hour. */
  hourlyRelation?: string | undefined;
  /** What judges a series of costs. Default: the detector. */
  createWatch?: CreateWatch | undefined;
  /** The same for evaluations that see the same in the same hour. */
  evaluationId: string;
}

export interface EvaluateReport {
  /** Current periods, in the order of the budgets. */
  budgets: BudgetStatus[];
  /** What enforcement needs to know: budgets whose thresholds ask for more than a message. */
  standings: Standings;
  /** What this run did. */
  changes: ReconcileReport;
  /** Every finding afterwards, the newest first. */
  findings: Finding[];
}

/** Budgets, their tree and the anomaly rules → observations → findings. Safe to run again and at the same time elsewhere. */
export async function evaluate(deps: EvaluateDeps, input: EvaluateInput): Promise<EvaluateReport> {
  const today = dayOf(deps.clock.evaluationNow());
  const before = await listFindings(deps);
  const statuses = await evaluateBudgets(deps, { ...input, earlier: earlierPeriods(input, before, today) });
  const crossed = await explainCrossed(deps, input, statuses);
  const feedback = await listFeedback(deps.store);
  const anomalies = await detectAnomalies(deps, {
    ...input,
    createWatch: input.createWatch ?? createWatch,
    config: input.anomalies,
    feedback,
    earlier: before,
  });
  const observations = [
    ...crossed.flatMap(({ status, explanation }) => budgetObservations(status, explanation)),
    ...statuses.flatMap((status) => missingRateObservation(status) ?? []),
    ...budgetTreeObservations(input.budgets, today, input.convert),
    ...anomalies.observations,
  ];
  const covers = coverage(input.budgets, statuses, anomalies);
  const changes = await reconcileFindings(deps, { observations, covers });
  return {
    budgets: statuses.filter(({ current }) => current),
    standings: await standingsOf(deps, input, statuses, crossed),
    changes,
    findings: await listFindings(deps),
  };
}

/** Where hard budgets stand, without findings and without writing anything: what a simulation of another day asks. */
export async function evaluateStandings(
  deps: Pick<EvaluateDeps, "engine" | "clock">,
  input: EvaluateInput,
): Promise<Standings> {
  const statuses = await evaluateBudgets(deps, input);
  return standingsOf(deps, input, statuses, await explainCrossed(deps, input, statuses));
}

interface Crossed {
  status: BudgetStatus;
  explanation: BudgetExplanation;
}

async function explainCrossed(
  deps: Pick<EvaluateDeps, "engine" | "clock">,
  input: EvaluateBudgetsInput,
  statuses: readonly BudgetStatus[],
): Promise<Crossed[]> {
  const crossed = statuses.filter(isCrossed);
  const explanations = await explainBudgets(deps, input, crossed);
  return crossed.flatMap((status, index) => {
    const explanation = explanations[index];
    return explanation === undefined ? [] : [{ status, explanation }];
  });
}

async function standingsOf(
  deps: Pick<EvaluateDeps, "engine" | "clock">,
  input: EvaluateInput,
  statuses: readonly BudgetStatus[],
  crossed: readonly Crossed[],
): Promise<Standings> {
  const now = deps.clock.evaluationNow();
  const delivered = await deliveredThrough(deps.engine, input.cubeRelation, dayOf(now));
  const explanations = new Map(crossed.map(({ status, explanation }) => [status, explanation]));
  const { evaluationId } = input;
  return {
    evaluationId,
    evaluatedAt: now.toISOString(),
    standings: statuses.flatMap((status) => {
      const dataAsOf = asOfScope(delivered, status.budget.scope);
      return budgetStanding(status, { evaluationId, now, dataAsOf, explanation: explanations.get(status) }) ?? [];
    }),
  };
}

/** Periods before the current ones that a late bill can still change, and those with findings that a restatement can resolve. */
function earlierPeriods(input: EvaluateInput, findings: readonly Finding[], today: Day): { name: string; day: Day }[] {
  const longest = longestSettling(input.settledAfterDays);
  const unsettled = input.budgets.flatMap(({ name, period }) =>
    unsettledPeriods(period, today, longest).map((day) => ({ name, day })),
  );
  const restatable = findings
    .filter(({ kind, rule, state, period }) => {
      const isBudget = kind === "budget" || rule === "missing-rate";
      return isBudget && state !== "resolved" && period.end > addDays(today, -RESTATED_DAYS);
    })
    .map(({ subject, period }) => ({ name: subject, day: period.start }));
  return [...unsettled, ...restatable];
}

/** Which findings this run would have seen again, and in which words they end if it did not. */
function coverage(
  budgets: readonly Budget[],
  statuses: readonly BudgetStatus[],
  anomalies: DetectedAnomalies,
): (finding: Finding) => string | undefined {
  const names = new Set(budgets.map(({ name }) => name));
  const evaluated = new Map(statuses.map((status) => [periodIdentity(status.budget.name, status.period), status]));
  const statusOf = (finding: Finding) => evaluated.get(periodIdentity(finding.subject, finding.period));
  return (finding) => {
    if (finding.kind === "budget") {
      return names.has(finding.subject)
        ? budgetResolution(finding, statusOf(finding))
        : "the budget is no longer configured";
    }
    if (finding.kind === "budget-tree") return "the limits below this budget no longer add up to more than its own";
    if (finding.kind === "anomaly") return anomalies.covers(finding);
    if (finding.rule !== "missing-rate" || statusOf(finding) === undefined) return undefined;
    return "every currency has a rate now";
  };
}

/** Cost without a rate is missing from the sum, so a lower sum proves nothing. */
function budgetResolution(finding: Finding, status: BudgetStatus | undefined): string | undefined {
  if (status === undefined || status.missingRates.length > 0) return undefined;
  const { alerts, budget } = status;
  const configured = alerts.find(({ alert }) => thresholdRule(alert) === finding.rule);
  if (configured === undefined) return "the threshold is no longer configured";
  return configured.alert.basis === "forecast"
    ? `the forecast of ${budget.name} is no longer above the threshold`
    : `restated: ${budget.name} is no longer above the threshold`;
}

function periodIdentity(name: string, { start, end }: { start: Day; end: Day }): string {
  return `${start} ${end} ${name}`;
}
