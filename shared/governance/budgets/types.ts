import type { Budget, BudgetAlert } from "../../config/types.ts";
import type { Decimal } from "../../core/decimal.ts";
import type { Day } from "../../core/period.ts";
import type { Forecast } from "../forecasts/forecast-period.ts";

/**
 * - `ok`: the threshold is not reached.
 * - `waiting`: a hard threshold that reported cost has reached and cost that can be relied on has not.
 * - `fired`: reached.
 */
export type AlertState = "ok" | "waiting" | "fired";

export interface AlertStatus {
  alert: BudgetAlert;
  state: AlertState;
  /** What was compared with the threshold: actual or forecast, for hard thresholds its dependable part. */
  counted: Decimal;
  /** The threshold as money. */
  at: Decimal;
}

/** Where a budget stands in one period. All amounts are in the budget's currency. */
export interface BudgetStatus {
  budget: Budget;
  period: { start: Day; end: Day };
  /** False for an earlier period that is looked at again because its bill may have been restated. */
  current: boolean;
  actual: Decimal;
  settledActual: Decimal;
  unsettledActual: Decimal;
  /** What of `unsettledActual` can be relied on: what nine of ten such days keep (`ledger/completeness`); a negative day counts in full. */
  unsettledLowerBound: Decimal;
  /** What `actual` is expected to be once the days that are over are complete. What running days will still bring is not in it. */
  expectedActual: Decimal;
  /** Share of the cost (0..1) that is settled, as decimal text. */
  settledShare: string;
  /** Percent of the limit that `actual` is, as decimal text with two places. */
  used: string;
  forecast: Forecast;
  /** Currencies whose cost is not in `actual`, because no rate is known. */
  missingRates: readonly string[];
  alerts: readonly AlertStatus[];
}

/** A budget in one of its periods: what the query evaluates. */
export interface BudgetInstance {
  budget: Budget;
  period: { start: Day; end: Day };
  basis: "billing" | "charge";
  current: boolean;
}
