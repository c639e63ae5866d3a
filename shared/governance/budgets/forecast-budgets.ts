import { formatDecimal, fromInteger } from "../../core/decimal.ts";
import { addDays, type Day } from "../../core/period.ts";
import type { Completeness } from "../../ledger/completeness/completeness.ts";
import { completenessOf, type LagModel } from "../../ledger/completeness/lag-model.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import type { Convert } from "../convert.ts";
import { forecastRest, type KnownDays, type RestForecast } from "../forecasts/forecast-rest.ts";
import { HISTORY_DAYS, historyStart } from "./history-query.ts";
import { type History, type HistoryInput, readHistory, type ScopeDays } from "./read-history.ts";
import type { BudgetInstance } from "./types.ts";

/** Ages in days at which a day may still be incomplete. A provider that has delivered nothing for so long has ended. */
const YOUNG_DAYS = 14;
/** Where a part of the providers has delivered: how far their part of the cost varies. */
const MIX_SPREAD = 0.2;
const ONE = fromInteger(1);

export interface BudgetForecast {
  rest: RestForecast;
  /** Currencies without a rate whose cost is missing from the forecast. */
  missingRates: readonly string[];
}

/** What is still to come of each instance's period, in order, in the budget's currency. */
export async function forecastBudgets(
  engine: SqlEngine,
  input: HistoryInput,
  convert: Convert | undefined,
): Promise<BudgetForecast[]> {
  if (input.instances.length === 0) return [];
  const history = await readHistory(engine, input);
  const start = Date.parse(historyStart(input.today));
  // Budgets of one scope and period have one forecast.
  const known = new Map<readonly ScopeDays[], Map<string, BudgetForecast>>();
  return input.instances.map((instance, index) => {
    const days = history.scopes[index] ?? [];
    const name = JSON.stringify([instance.budget.currency, instance.period]);
    const ofScope = known.get(days) ?? new Map<string, BudgetForecast>();
    known.set(days, ofScope);
    const forecast = ofScope.get(name) ?? forecastScope(instance, days, history, { ...input, start, convert });
    ofScope.set(name, forecast);
    return forecast;
  });
}

interface Context {
  start: number;
  today: Day;
  lags: LagModel;
  convert: Convert | undefined;
}

function forecastScope(
  { budget, period }: BudgetInstance,
  days: readonly ScopeDays[],
  { delivered }: History,
  context: Context,
): BudgetForecast {
  const missing = new Set<string>();
  const usage = new Float64Array(Math.max(0, ...days.map((part) => part.usage.length)));
  const recurring = new Float64Array(usage.length);
  const weights = new Map<string, number>();
  for (const part of days) {
    const rates = ratesOf(part, budget.currency, context);
    if (rates === undefined) {
      missing.add(part.currency);
      continue;
    }
    addDaily(usage, part.usage, rates);
    addDaily(recurring, part.recurring, rates);
    const rate = rates[HISTORY_DAYS - 1] ?? 1;
    for (const [name, cost] of part.providers) weights.set(name, (weights.get(name) ?? 0) + rate * cost);
  }
  const completeness = completenessOfScope(weights, delivered, context.lags);
  const kinds = [knownDays(usage, completeness, context.start), knownDays(recurring, completeness, context.start)];
  const rest = forecastRest(kinds, Date.parse(period.start), Date.parse(period.end));
  return { rest, missingRates: [...missing].sort() };
}

function knownDays(costs: Float64Array, completeness: readonly Completeness[], start: number): KnownDays {
  return { start, costs: costs.slice(0, HISTORY_DAYS), completeness, ahead: costs.subarray(HISTORY_DAYS) };
}

function addDaily(sums: Float64Array, costs: Float64Array, rates: Float64Array): void {
  for (let day = 0; day < sums.length; day += 1) sums[day] = (sums[day] ?? 0) + (rates[day] ?? 0) * (costs[day] ?? 0);
}

/** What one unit of the part's currency is on each day, and between days with cost what it was last; undefined where one has no rate. */
function ratesOf(part: ScopeDays, own: string, { convert, today }: Context): Float64Array | undefined {
  const rates = new Float64Array(part.usage.length).fill(1);
  if (part.currency === own) return rates;
  for (let day = 0; day < rates.length; day += 1) {
    rates[day] = rates[day - 1] ?? 1;
    if (part.usage[day] === 0 && part.recurring[day] === 0) continue;
    const rate = convert?.({ amount: ONE, currency: part.currency }, own, addDays(historyStart(today), day));
    if (rate === undefined) return undefined;
    rates[day] = Number(formatDecimal(rate.amount));
  }
  return rates;
}

/** Per age of a day the mean over the providers by cost; what a provider has not delivered is not known of. */
function completenessOfScope(
  costs: ReadonlyMap<string, number>,
  delivered: ReadonlyMap<string, number>,
  lags: LagModel,
): Completeness[] {
  const weights = [...costs].map(([name, cost]) => [name, Math.abs(cost)] as const);
  const whole = weights.reduce((sum, [, weight]) => sum + weight, 0);
  if (whole === 0) return [];
  const ages = Array.from({ length: YOUNG_DAYS }, (_none, age) => {
    let [share, spread, late] = [0, 0, 0];
    for (const [name, weight] of weights) {
      const own = ofProvider(name, delivered.get(name), lags, age);
      if (own === undefined) late += weight / whole;
      else [share, spread] = [share + (weight / whole) * own.share, spread + (weight / whole) * own.spread];
    }
    return { share, spread: spread + MIX_SPREAD * late };
  });
  const oldest = ages.findLastIndex(({ share, spread }) => share !== 1 || spread !== 0);
  return ages.slice(0, oldest + 1);
}

/** Undefined: nothing of that day is delivered yet. */
function ofProvider(name: string, delivered = -1, lags: LagModel, age: number): Completeness | undefined {
  if (name === "") return { share: 1, spread: 0 };
  const day = HISTORY_DAYS - 1 - age;
  const hasEnded = delivered < HISTORY_DAYS - YOUNG_DAYS;
  return day > delivered && !hasEnded ? undefined : completenessOf(lags, name, undefined, age);
}
