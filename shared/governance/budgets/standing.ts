import * as z from "zod";
import { type Decimal, divide, fromInteger, max, subtract, ZERO } from "../../core/decimal.ts";
import { DecimalCodec } from "../../core/decimal-codec.ts";
import type { AlertAction, Scope } from "../../core/finding.ts";
import { wantedActions } from "./budget-observations.ts";
import type { BudgetExplanation } from "./explain-budgets.ts";
import { isHard, thresholdRule } from "./thresholds.ts";
import type { AlertState, AlertStatus, BudgetStatus } from "./types.ts";

const HOUR_MS = 3_600_000;

/** Where a budget with hard thresholds stands, as enforcement needs to know it: one evaluation's word, kept as a document. */
export interface BudgetStanding {
  budget: string;
  scope: Scope;
  period: { start: string; end: string };
  limit: Decimal;
  currency: string;
  /** Percent of the limit that all reported cost is, as decimal text. */
  used: string;
  /** Evaluations that saw the same costs in the same hour have the same id and count once. */
  evaluationId: string;
  evaluatedAt: string;
  /** End of the last day that every provider in its scope has delivered. Absent: nothing has been delivered. */
  dataAsOf?: string;
  /** Currencies whose cost is missing from the sums. */
  missingRates: readonly string[];
  /** What an hour costs at present, and how many are left of the period. */
  burnPerHour: Decimal;
  hoursLeft: Decimal;
  alerts: readonly StandingAlert[];
}

export interface StandingAlert {
  /** `threshold-95-actual-throttle` */
  rule: string;
  /** Percent. */
  threshold: Decimal;
  basis: "actual" | "forecast";
  action: Exclude<AlertAction, "notify">;
  state: AlertState;
  /** Cost that can be relied on, which is compared with `at`. */
  counted: Decimal;
  at: Decimal;
  /** What it is aimed at, the most expensive first; empty unless it has fired. */
  targets: readonly Scope[];
}

export interface StandingContext {
  evaluationId: string;
  now: Date;
  dataAsOf: string | undefined;
  explanation: BudgetExplanation | undefined;
}

/** The standing of a budget's current period; undefined where no threshold asks for more than a message. */
export function budgetStanding(status: BudgetStatus, context: StandingContext): BudgetStanding | undefined {
  const hard = status.alerts.filter(({ alert }) => isHard(alert));
  if (!status.current || hard.length === 0) return undefined;
  const { budget, period } = status;
  const hoursLeft = hoursUntil(period.end, context.now);
  return {
    budget: budget.name,
    scope: budget.scope,
    period,
    limit: budget.limit,
    currency: budget.currency,
    used: status.used,
    evaluationId: context.evaluationId,
    evaluatedAt: context.now.toISOString(),
    ...(context.dataAsOf === undefined ? {} : { dataAsOf: context.dataAsOf }),
    missingRates: status.missingRates,
    burnPerHour: burnPerHour(status, hoursLeft),
    hoursLeft,
    alerts: hard.map((alertStatus) => standingAlert(status, alertStatus, context.explanation)),
  };
}

function standingAlert(
  status: BudgetStatus,
  alertStatus: AlertStatus,
  explanation: BudgetExplanation | undefined,
): StandingAlert {
  const { alert, state, counted, at } = alertStatus;
  const wanted = explanation === undefined ? [] : wantedActions(status, alertStatus, explanation);
  return {
    rule: thresholdRule(alert),
    threshold: alert.threshold,
    basis: alert.basis,
    action: alert.action === "block" ? "block" : "throttle",
    state,
    counted,
    at,
    targets: wanted.flatMap(({ targets }) => targets),
  };
}

/** What the forecast still adds, spread over what is left: days that are not delivered yet are in it, so it errs upwards. */
function burnPerHour({ forecast, actual }: BudgetStatus, hoursLeft: Decimal): Decimal {
  return hoursLeft === ZERO ? ZERO : divide(max(ZERO, subtract(forecast.amount, actual)), hoursLeft);
}

function hoursUntil(end: string, now: Date): Decimal {
  const ms = Math.max(0, Date.parse(`${end}T00:00:00Z`) - now.getTime());
  return divide(fromInteger(Math.round(ms)), fromInteger(HOUR_MS));
}

const ScopeText = z.record(z.string(), z.array(z.string()).readonly()).readonly();

/** `evaluation/standings.json`: what the last evaluation said. */
export const StandingsSchema = z.object({
  evaluationId: z.string(),
  evaluatedAt: z.string(),
  standings: z.array(
    z.object({
      budget: z.string(),
      scope: ScopeText,
      period: z.object({ start: z.string(), end: z.string() }),
      limit: DecimalCodec,
      currency: z.string(),
      used: z.string(),
      evaluationId: z.string(),
      evaluatedAt: z.string(),
      dataAsOf: z.string().exactOptional(),
      missingRates: z.array(z.string()).readonly(),
      burnPerHour: DecimalCodec,
      hoursLeft: DecimalCodec,
      alerts: z
        .array(
          z.object({
            rule: z.string(),
            threshold: DecimalCodec,
            basis: z.enum(["actual", "forecast"]),
            action: z.enum(["throttle", "block"]),
            state: z.enum(["ok", "waiting", "fired"]),
            counted: DecimalCodec,
            at: DecimalCodec,
            targets: z.array(ScopeText).readonly(),
          }),
        )
        .readonly(),
    }),
  ),
});

export type Standings = z.output<typeof StandingsSchema>;
export const STANDINGS_KEY = "evaluation/standings.json";
