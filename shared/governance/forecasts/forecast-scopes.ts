import type { Budget } from "../../config/types.ts";
import { add, type Decimal, formatDecimal, parseDecimal, subtract, sum, ZERO } from "../../core/decimal.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Scope } from "../../core/finding.ts";
import { dayOf, monthOf } from "../../core/period.ts";
import { CUBE_DIMENSIONS } from "../../ledger/cube.ts";
import { sqlName, sqlText } from "../../ports/sql-engine.ts";
import { reconcile } from "../anomalies/hierarchy/reconcile.ts";
import { type EvaluateBudgetsInput, evaluateBudgets } from "../budgets/evaluate-budgets.ts";
import { historyStart } from "../budgets/history-query.ts";
import type { BudgetStatus } from "../budgets/types.ts";
import type { Forecast } from "./forecast-period.ts";
import { Z80 } from "./model/spread.ts";

type Deps = Parameters<typeof evaluateBudgets>[0];

export interface ForecastScopesInput extends Omit<EvaluateBudgetsInput, "budgets" | "earlier"> {
  /** A dimension of the cube. */
  by: string;
  /** Everything is converted to it. */
  currency: string;
}

/** What the month of a scope will have cost. */
export interface ScopeForecast {
  /** The dimension's value; `""` where cost has none. */
  name: string;
  scope: Scope;
  period: { start: string; end: string };
  currency: string;
  actual: Decimal;
  forecast: Forecast;
  missingRates: readonly string[];
}

/** Not something that a month can be split by. */
const NOT_SCOPES = ["date", "billing_period", "currency", "metered"];
const DIMENSIONS: readonly string[] = CUBE_DIMENSIONS.filter((name) => !NOT_SCOPES.includes(name));

/**
 * The present month's cost at its end per value of a dimension, the largest first, and in all. Parts add up to the total, exactly: part and
 * total are forecast apart, and each is moved as little as its interval tells until they agree.
 */
export async function forecastScopes(
  deps: Deps,
  input: ForecastScopesInput,
): Promise<{ total: ScopeForecast; parts: ScopeForecast[] }> {
  if (!DIMENSIONS.includes(input.by)) {
    throw new GenOpsError("usage", `--by ${input.by}: use one of ${DIMENSIONS.join(", ")}`);
  }
  const values = await valuesOf(deps, input);
  const budgets = [scopeBudget("", {}, input), ...values.map((v) => scopeBudget(v, { [input.by]: [v] }, input))];
  const [whole, ...parts] = await evaluateBudgets(deps, { ...input, budgets });
  if (whole === undefined) throw new GenOpsError("internal", "the total has no forecast");
  return agreed(whole, parts);
}

async function valuesOf({ engine, clock }: Deps, { by, cubeRelation }: ForecastScopesInput): Promise<string[]> {
  const today = dayOf(clock.evaluationNow());
  const rows = await engine.query(
    `SELECT DISTINCT coalesce(CAST(${sqlName(by)} AS VARCHAR), '') AS value FROM ${sqlName(cubeRelation)}
     WHERE billing_period = ${sqlText(monthOf(today))} OR date >= DATE ${sqlText(historyStart(today))} ORDER BY value`,
  );
  return rows.map((row) => String(row["value"]));
}

/** A budget without a limit asks what a budget asks: actual and forecast. */
function scopeBudget(value: string, scope: Scope, { currency }: ForecastScopesInput): Budget {
  return {
    name: value,
    scope,
    period: { every: "month" },
    limit: ZERO,
    currency,
    cost: "effective",
    includeCategories: [],
    excludeCategories: [],
    alerts: [],
  };
}

function agreed(whole: BudgetStatus, parts: readonly BudgetStatus[]): { total: ScopeForecast; parts: ScopeForecast[] } {
  const rests = reconcile({
    key: -1,
    estimate: estimateOf(whole),
    children: parts.map((part, key) => ({ key, estimate: estimateOf(part), children: [] })),
  });
  const moved = parts.map((part, key) => movedTo(part, rests.get(key) ?? 0));
  const amount = sum(moved.map(({ forecast }) => forecast.amount));
  const total = scopeForecast(whole, parts.length === 0 ? whole.forecast : shifted(whole.forecast, amount));
  return { total, parts: moved.sort(byAmount) };
}

/** The largest first; equal ones in the order of their names, as they were. */
function byAmount({ forecast: a }: ScopeForecast, { forecast: b }: ScopeForecast): number {
  if (a.amount === b.amount) return 0;
  return a.amount > b.amount ? -1 : 1;
}

function estimateOf({ actual, forecast }: BudgetStatus): { value: number; variance: number } {
  const deviation = numberOf(subtract(forecast.high, forecast.low)) / (2 * Z80);
  return { value: numberOf(subtract(forecast.amount, actual)), variance: deviation ** 2 };
}

function movedTo(status: BudgetStatus, rest: number): ScopeForecast {
  return scopeForecast(status, shifted(status.forecast, add(status.actual, parseDecimal(rest.toPrecision(6)))));
}

/** The same interval around another middle. */
function shifted({ amount, low, high }: Forecast, to: Decimal): Forecast {
  const by = subtract(to, amount);
  return { amount: to, low: add(low, by), high: add(high, by) };
}

function scopeForecast({ budget, period, actual, missingRates }: BudgetStatus, forecast: Forecast): ScopeForecast {
  return { name: budget.name, scope: budget.scope, period, currency: budget.currency, actual, forecast, missingRates };
}

function numberOf(amount: Decimal): number {
  return Number(formatDecimal(amount));
}
