import { add, type Decimal, formatDecimal, formatFixed, subtract } from "../../core/decimal.ts";
import type { Contributor, Evidence, Observation, Scope, WantedAction } from "../../core/finding.ts";
import { completenessText } from "../../ledger/completeness/completeness.ts";
import { type BudgetExplanation, unsettledInWords } from "./explain-budgets.ts";
import { isHard, thresholdLevel, thresholdRule } from "./thresholds.ts";
import type { AlertStatus, BudgetStatus } from "./types.ts";

const MAX_TARGETS = 5;
const UNALLOCATED = "unallocated";

/** Whether a status says anything that a finding has to explain. */
export function isCrossed(status: BudgetStatus): boolean {
  return status.alerts.some(({ state }) => state !== "ok");
}

/** One observation per threshold that is reached or waits. */
export function budgetObservations(status: BudgetStatus, explanation: BudgetExplanation): Observation[] {
  return status.alerts
    .filter(({ state }) => state !== "ok")
    .map((alertStatus) => ({
      ...budgetIdentity(status, alertStatus),
      title: title(status, alertStatus),
      amount: alertStatus.alert.basis === "actual" ? status.actual : status.forecast.amount,
      currency: status.budget.currency,
      wantedActions: wantedActions(status, alertStatus, explanation),
      evidence: evidence(status, alertStatus, explanation),
      recipients: alertStatus.alert.recipients,
    }));
}

/** The parts of an observation that make its key. */
export function budgetIdentity(status: BudgetStatus, { alert }: AlertStatus) {
  return {
    kind: "budget" as const,
    rule: thresholdRule(alert),
    level: thresholdLevel(alert),
    scope: status.budget.scope,
    period: status.period,
    subject: status.budget.name,
  };
}

function title(status: BudgetStatus, { alert, state }: AlertStatus): string {
  const { budget, period } = status;
  const limit = `${formatFixed(budget.limit, 2)} ${budget.currency}`;
  const what =
    alert.basis === "actual"
      ? `has used ${formatFixed(status.actual, 2)} of ${limit} (${status.used} %)`
      : `is heading for ${formatFixed(status.forecast.amount, 2)} of ${limit}`;
  const action = state === "waiting" ? `${alert.action} waits` : alert.action;
  return `Budget ${budget.name} ${what} since ${period.start}: threshold ${formatDecimal(alert.threshold)} %, ${action}`;
}

/** An ended period can be told about and not acted on; what waits is not wanted yet. */
export function wantedActions(
  status: BudgetStatus,
  alertStatus: AlertStatus,
  explanation: BudgetExplanation,
): WantedAction[] {
  const { alert, state } = alertStatus;
  if (state !== "fired") return [];
  if (!isHard(alert)) return [{ action: "notify", targets: [status.budget.scope] }];
  if (!status.current) return [];
  return [{ action: alert.action, targets: actionTargets(status, alertStatus, explanation.teams) }];
}

/**
 * What a hard action is aimed at. A budget with a scope: that scope. The global budget: the largest team-and-provider pairs that
 * together cover what was spent above the threshold, at least one and at most five, never every team. Cost that belongs to no team is
 * aimed at only when there is nothing else.
 */
function actionTargets(status: BudgetStatus, { counted, at }: AlertStatus, teams: readonly Contributor[]): Scope[] {
  if (Object.keys(status.budget.scope).length > 0) return [status.budget.scope];
  const owned = teams.filter(({ keys }) => keys["team"] !== UNALLOCATED);
  const excess = subtract(counted, at);
  const targets: Scope[] = [];
  let covered: Decimal | undefined;
  for (const { keys, amount } of owned.length > 0 ? owned : teams) {
    if (covered !== undefined && (covered >= excess || targets.length === MAX_TARGETS)) break;
    targets.push(Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]])));
    covered = covered === undefined ? amount : add(covered, amount);
  }
  return targets;
}

function evidence(status: BudgetStatus, alertStatus: AlertStatus, explanation: BudgetExplanation): Evidence {
  const { alert, counted, at } = alertStatus;
  const { forecast } = status;
  return {
    rows: explanation.rows,
    contributors: explanation.contributors,
    settledShare: status.settledShare,
    waitsFor: alertStatus.state === "waiting" ? waitsFor(status, alertStatus, explanation) : "",
    facts: {
      threshold: `${formatDecimal(alert.threshold)}%`,
      thresholdAmount: formatDecimal(at),
      basis: alert.basis,
      action: alert.action,
      limit: formatDecimal(status.budget.limit),
      counted: formatDecimal(counted),
      actual: formatDecimal(status.actual),
      used: `${status.used}%`,
      completeness: completenessText(status.actual, status.expectedActual),
      forecast: formatDecimal(forecast.amount),
      forecastLow: formatDecimal(forecast.low),
      forecastHigh: formatDecimal(forecast.high),
      ...(status.missingRates.length === 0 ? {} : { missingRates: status.missingRates.join(", ") }),
    },
  };
}

function waitsFor(status: BudgetStatus, { alert, at, counted }: AlertStatus, explanation: BudgetExplanation): string {
  const { currency } = status.budget;
  const days = unsettledInWords(explanation);
  const settling = days === "" ? "" : `the cost of ${days} to settle; `;
  const low = alert.basis === "forecast" ? "the low end of the forecast to reach the threshold; " : "";
  return `${settling}${low}${formatFixed(counted, 2)} of ${formatFixed(at, 2)} ${currency} can be relied on so far`;
}

/** Cost that is missing from a budget is said, never left out in silence. */
export function missingRateObservation(status: BudgetStatus): Observation | undefined {
  const { budget, missingRates, period } = status;
  if (missingRates.length === 0) return undefined;
  const currencies = missingRates.join(", ");
  return {
    kind: "source",
    rule: "missing-rate",
    level: "warning",
    scope: budget.scope,
    period,
    subject: budget.name,
    title: `Budget ${budget.name} leaves out cost in ${currencies}: there is no exchange rate to ${budget.currency}`,
    amount: status.actual,
    currency: budget.currency,
    wantedActions: [{ action: "notify", targets: [budget.scope] }],
    evidence: { rows: 0, contributors: [], settledShare: status.settledShare, waitsFor: "", facts: { currencies } },
    recipients: [],
  };
}
