import { formatDecimal, fromInteger } from "../../core/decimal.ts";
import { addDays, type Day } from "../../core/period.ts";
import type { Completeness } from "../../ledger/completeness/completeness.ts";
import { completenessOf, type LagModel } from "../../ledger/completeness/lag-model.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import type { Convert } from "../convert.ts";
import {
  forecastLearnt,
  type KnownDays,
  type LearntDays,
  learnDays,
  type RestForecast,
} from "../forecasts/forecast-rest.ts";
import { HISTORY_DAYS, historyStart } from "./history-query.ts";
import { getOrAdd, type History, type HistoryInput, readHistory, type ScopeDays } from "./read-history.ts";
import type { DayTable } from "./shapes.ts";

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
  input: HistoryInput & { convert: Convert | undefined },
  tables: readonly DayTable[],
): Promise<BudgetForecast[]> {
  const history = await readHistory(engine, input, tables);
  const start = Date.parse(historyStart(input.today));
  const context = { ...input, start };
  // Budgets of one scope and currency learn once, and those of one period besides have one forecast.
  const known = new Map<readonly ScopeDays[], Map<string, Scoped>>();
  return input.instances.map(({ budget, period }, index) => {
    const days = history.scopes[index] ?? [];
    const ofScope = getOrAdd(known, days, () => new Map<string, Scoped>());
    const scoped = getOrAdd(ofScope, budget.currency, () => learnScope(budget.currency, days, history, context));
    return getOrAdd(scoped.forecasts, `${period.start} ${period.end}`, () => ({
      rest: forecastLearnt(scoped.kinds, Date.parse(period.start), Date.parse(period.end)),
      missingRates: scoped.missingRates,
    }));
  });
}

/** What is learnt of a scope in one currency. */
interface Scoped {
  kinds: readonly LearntDays[];
  missingRates: readonly string[];
  forecasts: Map<string, BudgetForecast>;
}

interface Context {
  start: number;
  today: Day;
  lags: LagModel;
  convert: Convert | undefined;
}

function learnScope(currency: string, days: readonly ScopeDays[], { delivered }: History, context: Context): Scoped {
  const missing = new Set<string>();
  const sums: Record<"usage" | "recurring", Float64Array> = { usage: NO_DAYS, recurring: NO_DAYS };
  const weights = new Map<string, number>();
  for (const part of days) {
    const rates = part.currency === currency ? OWN : ratesOf(part, currency, context);
    if (rates === undefined) {
      missing.add(part.currency);
      continue;
    }
    sums.usage = withDaily(sums.usage, part.usage, rates);
    sums.recurring = withDaily(sums.recurring, part.recurring, rates);
    const rate = rates === OWN ? 1 : (rates[HISTORY_DAYS - 1] ?? 1);
    for (const [name, cost] of part.providers) weights.set(name, (weights.get(name) ?? 0) + rate * cost);
  }
  const completeness = completenessOfScope(weights, delivered, context.lags);
  const kinds = [sums.usage, sums.recurring]
    .filter((costs) => costs !== NO_DAYS)
    .map((costs) => learnDays(knownDays(costs, completeness, context.start)));
  return { kinds, missingRates: [...missing].sort(), forecasts: new Map() };
}

const NO_DAYS = new Float64Array();
/** Rates of what is in the scope's own currency. */
const OWN = new Float64Array();

function knownDays(costs: Float64Array, completeness: readonly Completeness[], start: number): KnownDays {
  return { start, costs: costs.subarray(0, HISTORY_DAYS), completeness, ahead: costs.subarray(HISTORY_DAYS) };
}

/** Sums with what is added; the very array that is added where there is nothing to add it to. */
function withDaily(sums: Float64Array, costs: Float64Array | undefined, rates: Float64Array): Float64Array {
  if (costs === undefined) return sums;
  if (sums === NO_DAYS && rates === OWN) return costs;
  return costs.map((cost, day) => (sums[day] ?? 0) + (rates === OWN ? 1 : (rates[day] ?? 0)) * cost);
}

/** What one unit of the part's currency is on each day, and between days with cost what it was last; undefined where one has no rate. */
function ratesOf({ usage, recurring, currency }: ScopeDays, own: string, context: Context): Float64Array | undefined {
  const { convert, today } = context;
  const rates = new Float64Array((usage ?? recurring ?? NO_DAYS).length);
  for (let day = 0; day < rates.length; day += 1) {
    rates[day] = rates[day - 1] ?? 1;
    if ((usage?.[day] ?? 0) === 0 && (recurring?.[day] ?? 0) === 0) continue;
    const rate = convert?.({ amount: ONE, currency }, own, addDays(historyStart(today), day));
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
