import { add, type Decimal, fromScaled, max, min, parseDecimal, SCALE, ZERO } from "../../core/decimal.ts";
import { addDays, type Day } from "../../core/period.ts";
import type { SqlEngine, SqlRow, SqlValue } from "../../ports/sql-engine.ts";
import type { Convert } from "../convert.ts";
import { type DailyHistory, dailyHistory } from "../forecasts/run-rate.ts";
import { type CostQueryInput, costQuery } from "./cost-query.ts";
import type { BudgetInstance } from "./types.ts";

/** What the cube says about one budget in one period, in the budget's currency. */
export interface BudgetCosts {
  settled: Decimal;
  /** Σ of unsettled days above zero. */
  positive: Decimal;
  /** Σ of unsettled days below zero. */
  negative: Decimal;
  history: DailyHistory;
  /** First day that is not settled history; undefined when the scope has no recent cost. */
  openFrom: Day | undefined;
  /** Reported amounts of open days of the period. */
  reported: readonly Decimal[];
  missingRates: readonly string[];
}

const NOTHING: BudgetCosts = {
  settled: ZERO,
  positive: ZERO,
  negative: ZERO,
  history: dailyHistory([]),
  openFrom: undefined,
  reported: [],
  missingRates: [],
};

/** Costs of every instance, in order, by one query. */
export async function readBudgetCosts(
  engine: SqlEngine,
  input: Omit<CostQueryInput, "converts">,
  convert: Convert | undefined,
): Promise<BudgetCosts[]> {
  if (input.instances.length === 0) return [];
  const query = costQuery({ ...input, converts: convert !== undefined });
  const rows = new Map<number, SqlRow[]>();
  for (const row of await engine.query(query.sql, query.parameters)) {
    const index = Number(row["i"]);
    const list = rows.get(index);
    if (list === undefined) rows.set(index, [row]);
    else list.push(row);
  }
  return input.instances.map((instance, index) => instanceCosts(instance, rows.get(index) ?? [], convert));
}

function instanceCosts(instance: BudgetInstance, rows: readonly SqlRow[], convert: Convert | undefined): BudgetCosts {
  const [first] = rows;
  if (first === undefined) return NOTHING;
  return first["days"] === null ? summedCosts(first) : convertedCosts(instance, rows, convert);
}

/** The engine has already added up: all rows are in the budget's currency. */
function summedCosts(row: SqlRow): BudgetCosts {
  const days = count(row["history_days"]);
  const lowest = decimal(row["history_lowest"]);
  return {
    settled: decimal(row["settled"]),
    positive: decimal(row["positive"]),
    negative: decimal(row["negative"]),
    history: {
      days,
      sum: decimal(row["history_sum"]),
      sumOfSquares: count(row["history_squares"]),
      lowest: count(row["history_reported"]) < days ? min(lowest, ZERO) : lowest,
    },
    openFrom: text(row["open_from"]),
    reported: list(row["open"]).map(decimal),
    missingRates: [],
  };
}

/**
 * Each day is converted at its own rate; a currency without a rate is left out, and named where the amount would count: in the period, and
 * what only makes the forecast when an alert looks at it.
 */
function convertedCosts(instance: BudgetInstance, rows: readonly SqlRow[], convert: Convert | undefined): BudgetCosts {
  const own = instance.budget.currency;
  const missing = new Set<string>();
  const forecasts = instance.current && instance.budget.alerts.some(({ basis }) => basis === "forecast");
  const history = new Map<Day, Decimal>();
  const open = new Map<Day, Decimal>();
  let [settled, positive, negative] = [ZERO, ZERO, ZERO];
  for (const { currency, day, record } of rows.flatMap(daysOf)) {
    const inOwn = (value: SqlValue | undefined, counts = true): Decimal => {
      const amount = decimal(value);
      if (currency === own || amount === 0n) return amount;
      const converted = convert?.({ amount, currency }, own, day);
      if (converted === undefined && counts) missing.add(currency);
      return converted?.amount ?? ZERO;
    };
    const uncertain = inOwn(record["uncertain"]);
    settled = add(settled, inOwn(record["settled"]));
    positive = add(positive, max(uncertain, ZERO));
    negative = add(negative, min(uncertain, ZERO));
    const byDay = record["is_history"] === true ? history : record["is_open"] === true ? open : undefined;
    byDay?.set(day, add(byDay.get(day) ?? ZERO, inOwn(record["amount"], forecasts)));
  }
  const openFrom = text(rows[0]?.["open_from"]);
  return {
    settled,
    positive,
    negative,
    history: dailyHistory(withEmptyDays(history, openFrom)),
    openFrom,
    reported: [...open.values()],
    missingRates: [...missing].sort(),
  };
}

function daysOf(row: SqlRow): { currency: string; day: Day; record: SqlRow }[] {
  return list(row["days"]).map((entry) => {
    const record = entry as SqlRow;
    return { currency: String(row["currency"]), day: String(record["day"]), record };
  });
}

/** From the first day with cost up to `end`; days without cost between them are days of zero. */
function withEmptyDays(byDay: ReadonlyMap<Day, Decimal>, end: Day | undefined): Decimal[] {
  const amounts: Decimal[] = [];
  const first = [...byDay.keys()].sort()[0];
  if (first === undefined || end === undefined) return amounts;
  for (let day = first; day < end; day = addDays(day, 1)) amounts.push(byDay.get(day) ?? ZERO);
  return amounts;
}

/** The engine writes all 18 fraction digits, which is quicker to read than any number: a thousand budgets have ten thousand of them. */
function decimal(value: SqlValue | undefined): Decimal {
  if (value === null || value === undefined) return ZERO;
  const digits = String(value);
  const point = digits.length - SCALE - 1;
  if (digits[point] !== ".") return parseDecimal(digits);
  return fromScaled(BigInt(digits.slice(0, point) + digits.slice(point + 1)));
}

function count(value: SqlValue | undefined): number {
  return value === null || value === undefined ? 0 : Number(value);
}

function text(value: SqlValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

function list(value: SqlValue | undefined): readonly SqlValue[] {
  return Array.isArray(value) ? value : [];
}
