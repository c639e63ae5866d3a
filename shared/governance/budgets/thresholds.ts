import type { Budget, BudgetAlert } from "../../config/types.ts";
import { add, type Decimal, formatDecimal, fromInteger, multiplyDivide, subtract } from "../../core/decimal.ts";
import type { FindingLevel } from "../../core/finding.ts";
import type { AlertState, AlertStatus, BudgetStatus } from "./types.ts";

const HUNDRED = fromInteger(100);

type Amounts = Pick<BudgetStatus, "actual" | "settledActual" | "unsettledActual" | "unsettledLowerBound" | "forecast">;

/** `throttle` and `block`: what must not be done because of money that may still change. */
export function isHard(alert: BudgetAlert): boolean {
  return alert.action !== "notify";
}

/**
 * The state of each alert. Notify thresholds compare all reported cost (or the forecast). Hard thresholds compare settled cost plus the
 * lower bound of what is unsettled (or the low end of the forecast, less the same doubt); where only the reported cost has reached them
 * they wait. Alerts that ask for the same thing at the same threshold are one alert with all their recipients.
 */
export function alertStatuses(budget: Budget, amounts: Amounts): AlertStatus[] {
  return mergeAlerts(budget.alerts).map((alert) => {
    const at = multiplyDivide(budget.limit, alert.threshold, HUNDRED);
    const reported = alert.basis === "actual" ? amounts.actual : amounts.forecast.amount;
    if (!isHard(alert)) return { alert, at, counted: reported, state: reached(reported, at) ? "fired" : "ok" };
    const counted = dependable(alert, amounts);
    return { alert, at, counted, state: hardState(reported, counted, at) };
  });
}

function dependable(alert: BudgetAlert, amounts: Amounts): Decimal {
  if (alert.basis === "actual") return add(amounts.settledActual, amounts.unsettledLowerBound);
  return subtract(amounts.forecast.low, subtract(amounts.unsettledActual, amounts.unsettledLowerBound));
}

function hardState(reported: Decimal, counted: Decimal, at: Decimal): AlertState {
  if (reached(counted, at)) return "fired";
  return reached(reported, at) ? "waiting" : "ok";
}

/** Nothing spent reaches nothing, also where the limit is zero. */
function reached(amount: Decimal, at: Decimal): boolean {
  return amount > 0n && amount >= at;
}

function mergeAlerts(alerts: readonly BudgetAlert[]): BudgetAlert[] {
  const merged = new Map<string, BudgetAlert>();
  for (const alert of alerts) {
    const identity = `${alert.threshold} ${alert.basis} ${alert.action}`;
    const before = merged.get(identity);
    const recipients =
      before === undefined ? alert.recipients : [...new Set([...before.recipients, ...alert.recipients])];
    merged.set(identity, { ...alert, recipients });
  }
  return [...merged.values()];
}

/** `threshold-80-actual-notify` */
export function thresholdRule(alert: BudgetAlert): string {
  return `threshold-${formatDecimal(alert.threshold)}-${alert.basis}-${alert.action}`;
}

export function thresholdLevel(alert: BudgetAlert): FindingLevel {
  return isHard(alert) || alert.threshold >= HUNDRED ? "critical" : "warning";
}
