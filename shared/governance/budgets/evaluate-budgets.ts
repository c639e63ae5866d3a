import type { Budget } from "../../config/types.ts";
import {
  abs,
  add,
  type Decimal,
  divide,
  formatDecimal,
  formatFixed,
  fromInteger,
  multiplyDivide,
  parseDecimal,
  subtract,
  ZERO,
} from "../../core/decimal.ts";
import { type Day, dayOf } from "../../core/period.ts";
import { type LagModel, NO_LAGS } from "../../ledger/completeness/lag-model.ts";
import type { SettledAfterDays } from "../../ledger/settledness.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import type { Convert } from "../convert.ts";
import { withRest } from "../forecasts/forecast-period.ts";
import { budgetPeriod } from "./budget-period.ts";
import { withDayTables } from "./day-tables.ts";
import { type BudgetForecast, forecastBudgets } from "./forecast-budgets.ts";
import { type BudgetCosts, readBudgetCosts } from "./read-costs.ts";
import { shapeInstances } from "./shapes.ts";
import { alertStatuses } from "./thresholds.ts";
import type { BudgetInstance, BudgetStatus } from "./types.ts";

export interface EvaluateBudgetsInput {
  budgets: readonly Budget[];
  /** Relation with the columns of `shared/ledger/cube.ts` and every scope column; knowledge time is its matter. */
  cubeRelation: string;
  settledAfterDays: SettledAfterDays;
  /** How complete unsettled days are. Default: what is believed of every provider. */
  lags?: LagModel | undefined;
  /** Converts amounts of another currency than the budget's; without it they are missing and named. */
  convert?: Convert | undefined;
  /** Periods to evaluate beside the current ones: the budget's name and a day in the period. */
  earlier?: readonly { name: string; day: Day }[];
}

/**
 * Where each budget stands in the period that contains `clock.evaluationNow()`, in the order of `budgets`; statuses of `earlier` periods
 * follow. The cube is read once per set of dimensions that go together, however many budgets there are.
 */
export async function evaluateBudgets(
  deps: { engine: SqlEngine; clock: Pick<Clock, "evaluationNow"> },
  input: EvaluateBudgetsInput,
): Promise<BudgetStatus[]> {
  const today = dayOf(deps.clock.evaluationNow());
  const instances = budgetInstances(input, today);
  const { cubeRelation, settledAfterDays, lags = NO_LAGS, convert } = input;
  if (instances.length === 0) return [];
  const shaped = shapeInstances(instances);
  const asked = { instances, shaped, cubeRelation, settledAfterDays, lags, today };
  const { costs, forecasts } = await withDayTables(deps.engine, asked, async (tables) => ({
    costs: await readBudgetCosts(deps.engine, asked, convert, tables),
    forecasts: await forecastBudgets(deps.engine, { ...asked, convert }, tables),
  }));
  return instances.flatMap((instance, index) => {
    const [cost, forecast] = [costs[index], forecasts[index]];
    return cost === undefined || forecast === undefined ? [] : [budgetStatus(instance, cost, forecast)];
  });
}

function budgetInstances(input: EvaluateBudgetsInput, today: Day): BudgetInstance[] {
  const byName = new Map(input.budgets.map((budget) => [budget.name, budget]));
  const current = input.budgets.map((budget) => budgetInstance(budget, today, true));
  const seen = new Set(current.map(identity));
  for (const { name, day } of input.earlier ?? []) {
    const budget = byName.get(name);
    if (budget === undefined) continue;
    const instance = budgetInstance(budget, day, false);
    if (!seen.has(identity(instance))) current.push(instance);
    seen.add(identity(instance));
  }
  return current;
}

function budgetInstance(budget: Budget, day: Day, current: boolean): BudgetInstance {
  const { start, end, basis } = budgetPeriod(budget.period, day);
  return { budget, period: { start, end }, basis, current };
}

function identity({ budget, period }: BudgetInstance): string {
  return `${period.start} ${budget.name}`;
}

function budgetStatus(
  instance: BudgetInstance,
  costs: BudgetCosts,
  { rest, missingRates }: BudgetForecast,
): BudgetStatus {
  const { budget, period, current } = instance;
  const unsettledActual = add(costs.positive, costs.negative);
  const actual = add(costs.settled, unsettledActual);
  const amounts = {
    actual,
    settledActual: costs.settled,
    unsettledActual,
    unsettledLowerBound: costs.sure,
    expectedActual: add(costs.settled, costs.expected),
    forecast: withRest(actual, rest),
  };
  return {
    budget,
    period,
    current,
    ...amounts,
    settledShare: settledShare(costs),
    used: usedPercent(actual, budget.limit),
    missingRates: looksAhead(instance)
      ? [...new Set([...costs.missingRates, ...missingRates])].sort()
      : costs.missingRates,
    alerts: alertStatuses(budget, amounts),
  };
}

/** Cost that only makes the forecast is missed when an alert looks at it. */
function looksAhead({ budget, current }: BudgetInstance): boolean {
  return current && budget.alerts.some(({ basis }) => basis === "forecast");
}

/** Settled money over all money, both without sign. */
function settledShare(costs: BudgetCosts): string {
  const unsettled = subtract(costs.positive, costs.negative);
  const whole = add(abs(costs.settled), unsettled);
  return whole === 0n ? "1" : formatDecimal(parseDecimal(formatFixed(divide(abs(costs.settled), whole), 4)));
}

/** A budget of nothing is used up by anything. */
function usedPercent(actual: Decimal, limit: Decimal): string {
  const hundred = fromInteger(100);
  if (limit === 0n) return formatFixed(actual > 0n ? hundred : ZERO, 2);
  return formatFixed(multiplyDivide(actual, hundred, limit), 2);
}
