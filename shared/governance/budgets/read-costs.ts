import {
  add,
  type Decimal,
  divide,
  fromInteger,
  fromScaled,
  max,
  min,
  multiply,
  parseDecimal,
  SCALE,
  ZERO,
} from "../../core/decimal.ts";
import type { Day } from "../../core/period.ts";
import { SETTLED_GROWN, SETTLED_SURE } from "../../ledger/completeness/lag-sql.ts";
import type { SqlEngine, SqlRow, SqlValue } from "../../ports/sql-engine.ts";
import type { Convert } from "../convert.ts";
import { costQuery, type DaysInput } from "./cost-query.ts";
import type { DayTable } from "./shapes.ts";
import type { BudgetInstance } from "./types.ts";

/** What the cube says about one budget in one period, in the budget's currency. */
export interface BudgetCosts {
  settled: Decimal;
  /** Σ of unsettled days above zero. */
  positive: Decimal;
  /** Σ of unsettled days below zero. */
  negative: Decimal;
  /** What of the unsettled days can be relied on, and what they are expected to end at. */
  sure: Decimal;
  expected: Decimal;
  missingRates: readonly string[];
}

const NOTHING: BudgetCosts = {
  settled: ZERO,
  positive: ZERO,
  negative: ZERO,
  sure: ZERO,
  expected: ZERO,
  missingRates: [],
};

/** Costs of every instance, in order, by one query. */
export async function readBudgetCosts(
  engine: SqlEngine,
  input: DaysInput,
  convert: Convert | undefined,
  tables: readonly DayTable[],
): Promise<BudgetCosts[]> {
  const query = costQuery({ ...input, converts: convert !== undefined }, tables);
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
  return {
    settled: decimal(row["settled"]),
    positive: decimal(row["positive"]),
    negative: decimal(row["negative"]),
    sure: share(decimal(row["sure"]), SETTLED_SURE),
    expected: share(decimal(row["grown"]), SETTLED_GROWN),
    missingRates: [],
  };
}

/**
 * Each day is converted at its own rate; a currency without a rate is left out, and named.
 */
function convertedCosts(instance: BudgetInstance, rows: readonly SqlRow[], convert: Convert | undefined): BudgetCosts {
  const own = instance.budget.currency;
  const missing = new Set<string>();
  let [settled, positive, negative, hundredths, thousandths] = [ZERO, ZERO, ZERO, ZERO, ZERO];
  for (const { currency, day, record } of rows.flatMap(daysOf)) {
    const inOwn = (value: SqlValue | undefined): Decimal => {
      const amount = decimal(value);
      if (currency === own || amount === 0n) return amount;
      const converted = convert?.({ amount, currency }, own, day);
      if (converted === undefined) missing.add(currency);
      return converted?.amount ?? ZERO;
    };
    const amount = inOwn(record["amount"]);
    const percent = Number(record["percent"]);
    if (percent === SETTLED_SURE) {
      settled = add(settled, amount);
      continue;
    }
    positive = add(positive, max(amount, ZERO));
    negative = add(negative, min(amount, ZERO));
    hundredths = add(hundredths, multiply(amount, fromInteger(amount > 0n ? percent : SETTLED_SURE)));
    thousandths = add(thousandths, inOwn(record["grown"]));
  }
  return {
    settled,
    positive,
    negative,
    sure: share(hundredths, SETTLED_SURE),
    expected: share(thousandths, SETTLED_GROWN),
    missingRates: [...missing].sort(),
  };
}

function daysOf(row: SqlRow): { currency: string; day: Day; record: SqlRow }[] {
  return list(row["days"]).map((entry) => {
    const record = entry as SqlRow;
    return { currency: String(row["currency"]), day: String(record["day"]), record };
  });
}

/** The engine writes all 18 fraction digits, which is quicker to read than any number: a thousand budgets have ten thousand of them. */
function decimal(value: SqlValue | undefined): Decimal {
  if (value === null || value === undefined) return ZERO;
  const digits = String(value);
  const point = digits.length - SCALE - 1;
  if (digits[point] !== ".") return parseDecimal(digits);
  return fromScaled(BigInt(digits.slice(0, point) + digits.slice(point + 1)));
}

function share(whole: Decimal, parts: number): Decimal {
  return divide(whole, fromInteger(parts));
}

function list(value: SqlValue | undefined): readonly SqlValue[] {
  return Array.isArray(value) ? value : [];
}
