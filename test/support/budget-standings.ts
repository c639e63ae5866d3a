import { fromInteger, multiplyDivide, parseDecimal } from "../../shared/core/decimal.ts";
import type { BudgetStanding, StandingAlert } from "../../shared/governance/budgets/standing.ts";

export interface StandingParts {
  /** Percent of the limit that is counted. */
  used: number;
  evaluation: number;
  now: Date;
  limit?: number;
  thresholds?: readonly (readonly [percent: number, action: "throttle" | "block"])[];
  more?: Partial<BudgetStanding>;
}

/** A standing of the budget `global` in November 2026, seen now on data of an hour ago. */
export function standingAt({ used, evaluation, now, limit = 1000, thresholds, more }: StandingParts): BudgetStanding {
  const money = fromInteger(limit);
  const counted = multiplyDivide(money, parseDecimal(String(used)), fromInteger(100));
  const alerts = (thresholds ?? [[95, "throttle"] as const]).map(([percent, action]): StandingAlert => {
    const at = multiplyDivide(money, fromInteger(percent), fromInteger(100));
    const state = counted > 0n && counted >= at ? "fired" : "ok";
    const targets = state === "fired" ? [{ team: ["ml"] }] : [];
    return {
      rule: `threshold-${percent}-actual-${action}`,
      threshold: fromInteger(percent),
      basis: "actual",
      action,
      state,
      counted,
      at,
      targets,
    };
  });
  return {
    budget: "global",
    scope: {},
    period: { start: "2026-11-01", end: "2026-12-01" },
    limit: money,
    currency: "USD",
    used: String(used),
    evaluationId: `e${evaluation}`,
    evaluatedAt: now.toISOString(),
    dataAsOf: new Date(now.getTime() - 3_600_000).toISOString(),
    missingRates: [],
    burnPerHour: fromInteger(10),
    hoursLeft: fromInteger(100),
    alerts,
    ...more,
  };
}
