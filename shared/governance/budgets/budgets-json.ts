import { formatDecimal } from "../../core/decimal.ts";
import type { Finding } from "../../core/finding.ts";
import { completenessText } from "../../ledger/completeness/completeness.ts";
import { findingKey } from "../findings/finding-key.ts";
import { budgetIdentity } from "./budget-observations.ts";
import type { BudgetStatus } from "./types.ts";

/** The document of `genops budgets --format json`. `firedAt` is when the alert's finding was opened; null while it waits or is below. */
export function budgetsJson(statuses: readonly BudgetStatus[], findings: readonly Pick<Finding, "key" | "openedAt">[]) {
  const openedAt = new Map(findings.map((finding) => [finding.key, finding.openedAt]));
  return {
    budgets: statuses.map((status) => ({
      name: status.budget.name,
      scope: Object.fromEntries(Object.entries(status.budget.scope).map(([name, values]) => [name, [...values]])),
      period: { ...status.period },
      limit: formatDecimal(status.budget.limit),
      currency: status.budget.currency,
      actual: formatDecimal(status.actual),
      forecast: {
        amount: formatDecimal(status.forecast.amount),
        low: formatDecimal(status.forecast.low),
        high: formatDecimal(status.forecast.high),
      },
      used: status.used,
      settled: status.settledShare,
      expected: formatDecimal(status.expectedActual),
      completeness: completenessText(status.actual, status.expectedActual),
      alerts: status.alerts.map((alertStatus) => ({
        threshold: formatDecimal(alertStatus.alert.threshold),
        basis: alertStatus.alert.basis,
        action: alertStatus.alert.action,
        state: alertStatus.state,
        firedAt:
          alertStatus.state === "fired"
            ? (openedAt.get(findingKey(budgetIdentity(status, alertStatus))) ?? null)
            : null,
      })),
    })),
  };
}
