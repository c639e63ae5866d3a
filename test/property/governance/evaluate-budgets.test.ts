import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Budget, BudgetPeriod, CostBasis } from "../../../shared/config/types.ts";
import {
  add,
  type Decimal,
  formatDecimal,
  fromInteger,
  max,
  min,
  multiply,
  parseDecimal,
  ZERO,
} from "../../../shared/core/decimal.ts";
import { addDays, type Day, daysBetween, monthOf } from "../../../shared/core/period.ts";
import { budgetPeriod } from "../../../shared/governance/budgets/budget-period.ts";
import { evaluateBudgets } from "../../../shared/governance/budgets/evaluate-budgets.ts";
import type { Convert } from "../../../shared/governance/convert.ts";
import { withRest } from "../../../shared/governance/forecasts/forecast-period.ts";
import { forecastRest } from "../../../shared/governance/forecasts/forecast-rest.ts";
import { COMPLETE, type Completeness } from "../../../shared/ledger/completeness/completeness.ts";
import { completenessOf, NO_LAGS } from "../../../shared/ledger/completeness/lag-model.ts";
import type { SqlEngine } from "../../../shared/ports/sql-engine.ts";
import {
  alert,
  budget,
  type CubeRow,
  completeRow,
  loadCube,
  testClock,
  testEngine,
} from "../../unit/governance/support.ts";

const TODAY = "2024-09-20";
const SETTLED = { default: 2, azure: 4, gcp: 1 };
const HISTORY_DAYS = 112;
const HISTORY_START = addDays(TODAY, -HISTORY_DAYS);

type Row = ReturnType<typeof completeRow>;

/** EUR has a rate on every day from 2024-02-01 on, JPY never. */
const convert: Convert = ({ amount, currency }, to, day) =>
  currency === "EUR" && to === "USD" && day >= "2024-02-01"
    ? { amount: multiply(amount, parseDecimal(`1.${day.slice(8)}7`)), currency: to }
    : undefined;

/** The same by plain loops, one budget at a time. */
function naiveStatus(one: Budget, rows: readonly Row[]) {
  const period = budgetPeriod(one.period, TODAY);
  const scoped = rows.filter((row) => accepts(one, row));
  const inPeriod = scoped.filter((row) =>
    period.basis === "charge"
      ? row.date >= period.start && row.date < period.end
      : row.billing_period >= monthOf(period.start) && row.billing_period < monthOf(period.end),
  );
  const missing = new Set<string>();
  const own = (amount: Decimal, currency: string, day: Day): Decimal => {
    if (currency === one.currency || amount === 0n) return amount;
    const converted = convert({ amount, currency }, one.currency, day);
    if (converted === undefined) missing.add(currency);
    return converted?.amount ?? ZERO;
  };
  const total = (some: readonly Row[], sign?: "up" | "down") =>
    [...Map.groupBy(some, (row) => `${row.date} ${row.currency}`).values()].reduce((sum, group) => {
      const [first] = group;
      const amount = group.reduce((part, row) => add(part, parseDecimal(row[one.cost])), ZERO);
      const converted = own(amount, first?.currency ?? "", first?.date ?? "");
      return add(sum, sign === "up" ? max(converted, ZERO) : sign === "down" ? min(converted, ZERO) : converted);
    }, ZERO);
  const settled = total(inPeriod.filter(isSettled));
  const positive = total(
    inPeriod.filter((row) => !isSettled(row)),
    "up",
  );
  const negative = total(
    inPeriod.filter((row) => !isSettled(row)),
    "down",
  );
  const actual = add(settled, add(positive, negative));
  // No alert looks at the forecast, so only the period's own cost is missed.
  const missingRates = [...missing].sort();
  const forecast = naiveForecast(one, actual, period, scoped, rows);
  return {
    actual: formatDecimal(actual),
    settledActual: formatDecimal(settled),
    unsettledActual: formatDecimal(add(positive, negative)),
    unsettledLowerBound: formatDecimal(add(multiply(positive, parseDecimal("0.9")), negative)),
    missingRates,
    amount: Number(formatDecimal(forecast.amount)),
    low: Number(formatDecimal(forecast.low)),
    high: Number(formatDecimal(forecast.high)),
  };
}

/** The same forecast of days that are read one by one. */
function naiveForecast(
  one: Budget,
  actual: Decimal,
  period: { start: Day; end: Day },
  scoped: readonly Row[],
  all: readonly Row[],
) {
  const rates = (row: Row) => (row.currency === one.currency ? 1 : rateOf(row.currency, one.currency, row.date));
  const recent = scoped.filter((row) => row.date >= HISTORY_START);
  const unknown = new Set(
    recent.filter((row) => rates(row) === undefined && dayOfRow(row, recent) !== 0).map((row) => row.currency),
  );
  const counted = recent.filter((row) => !unknown.has(row.currency));
  const kinds = [false, true].map((recurring) => {
    const rows = counted.filter((row) => ["Purchase", "Tax"].includes(row.charge_category) === recurring);
    const length = HISTORY_DAYS + Math.max(1, daysBetween(TODAY, period.end), 16);
    const costs = Float64Array.from({ length }, (_none, index) => {
      const date = addDays(HISTORY_START, index);
      return sumOf(
        one,
        rows.filter((row) => row.date === date),
      );
    });
    return {
      start: Date.parse(HISTORY_START),
      costs: costs.slice(0, HISTORY_DAYS),
      ahead: costs.slice(HISTORY_DAYS),
      completeness: naiveCompleteness(one, counted, all),
    };
  });
  return withRest(actual, forecastRest(kinds, Date.parse(period.start), Date.parse(period.end)));

  function dayOfRow(row: Row, rows: readonly Row[]): number {
    const same = rows.filter((other) => other.date === row.date && other.currency === row.currency);
    return same.reduce((sum, other) => sum + Math.abs(Number(other[one.cost])), 0);
  }
}

function rateOf(from: string, to: string, day: Day): number | undefined {
  const converted = convert({ amount: fromInteger(1), currency: from }, to, day);
  return converted === undefined ? undefined : Number(formatDecimal(converted.amount));
}

/** Converted, in decimals where the currency is the budget's own. */
function sumOf(one: Budget, rows: readonly Row[]): number {
  return [...Map.groupBy(rows, (row) => row.currency)].reduce((sum, [currency, some]) => {
    const amount = Number(formatDecimal(some.reduce((part, row) => add(part, parseDecimal(row[one.cost])), ZERO)));
    return sum + amount * (currency === one.currency ? 1 : (rateOf(currency, one.currency, some[0]?.date ?? "") ?? 0));
  }, 0);
}

function naiveCompleteness(one: Budget, counted: readonly Row[], all: readonly Row[]): Completeness[] {
  const since = addDays(TODAY, -28);
  const weighed = counted.filter((row) => row.date >= since && row.date < TODAY);
  const weights = new Map<string, number>();
  for (const [name, rows] of Map.groupBy(weighed, (row) => (row.metered ? "" : row.provider))) {
    weights.set(name, Math.abs(byCurrency(one, counted, rows)));
  }
  const whole = [...weights.values()].reduce((a, b) => a + b, 0);
  if (whole === 0) return [];
  const ages = Array.from({ length: 14 }, (_none, age) => {
    const parts = [...weights].map(([name, weight]) => ({ weight: weight / whole, own: naiveOwn(name, age, all) }));
    const known = parts.flatMap(({ weight, own }) => (own === undefined ? [] : [{ weight, own }]));
    const late = parts.reduce((sum, { weight, own }) => sum + (own === undefined ? weight : 0), 0);
    return {
      share: known.reduce((sum, { weight, own }) => sum + weight * own.share, 0),
      spread: known.reduce((sum, { weight, own }) => sum + weight * own.spread, 0) + 0.2 * late,
    };
  });
  return ages.slice(0, ages.findLastIndex(({ share, spread }) => share !== 1 || spread !== 0) + 1);
}

/** Sums of each currency at the rate that it has last. */
function byCurrency(one: Budget, counted: readonly Row[], rows: readonly Row[]): number {
  return [...Map.groupBy(rows, (row) => row.currency)].reduce((sum, [currency, some]) => {
    const amount = Number(formatDecimal(some.reduce((part, row) => add(part, parseDecimal(row[one.cost])), ZERO)));
    return sum + amount * lastRate(one, counted, currency);
  }, 0);
}

function lastRate(one: Budget, counted: readonly Row[], currency: string): number {
  if (currency === one.currency) return 1;
  const days = counted.filter((row) => row.currency === currency && row.date < TODAY && Number(row[one.cost]) !== 0);
  const last = days
    .map(({ date }) => date)
    .sort()
    .at(-1);
  return last === undefined ? 1 : (rateOf(currency, one.currency, last) ?? 1);
}

function naiveOwn(name: string, age: number, all: readonly Row[]): Completeness | undefined {
  if (name === "") return COMPLETE;
  const day = addDays(TODAY, -1 - age);
  const days = all.filter(
    (row) => row.provider === name && !row.metered && row.date < TODAY && row.date >= HISTORY_START,
  );
  const newest =
    days
      .map(({ date }) => date)
      .sort()
      .at(-1) ?? "";
  return day > newest && newest >= addDays(TODAY, -14) ? undefined : completenessOf(NO_LAGS, name, undefined, age);
}

function isSettled(row: Row): boolean {
  const days = SETTLED[row.provider as keyof typeof SETTLED] ?? SETTLED.default;
  return row.metered || row.date <= addDays(TODAY, -days - 1);
}

function accepts(one: Budget, row: Row): boolean {
  const byScope = Object.entries(one.scope).every(([name, values]) =>
    values.includes(String(row[name as keyof Row] ?? "")),
  );
  const included = one.includeCategories.length === 0 || one.includeCategories.includes(row.charge_category);
  return byScope && included && !one.excludeCategories.includes(row.charge_category);
}

const day = fc.integer({ min: -300, max: 15 }).map((offset) => addDays(TODAY, offset));
const recentDay = fc.integer({ min: -40, max: 3 }).map((offset) => addDays(TODAY, offset));
const amount = fc.oneof(
  fc.integer({ min: -2000, max: 9000 }).map((cents) => String(cents / 100)),
  fc.constantFrom("0.000000000000000001", "12345678901.123456789012345678", "0", "-3.5"),
);
const cubeRow: fc.Arbitrary<CubeRow> = fc
  .record({
    date: fc.oneof(day, recentDay, recentDay),
    shifted: fc.integer({ min: 0, max: 9 }),
    provider: fc.constantFrom("aws", "azure", "gcp", "o'racle"),
    team: fc.constantFrom("ml", "web", "unallocated"),
    service: fc.constantFrom("Compute", "Storage"),
    region: fc.constantFrom("eu", null),
    charge_category: fc.constantFrom("Usage", "Usage", "Credit", "Tax"),
    currency: fc.constantFrom("USD", "USD", "USD", "EUR", "JPY"),
    metered: fc.constantFrom(false, false, true),
    effective: amount,
    billed: amount,
  })
  .map(({ shifted, ...row }) => (shifted === 0 ? { ...row, billing_period: addDays(row.date, 28).slice(0, 7) } : row));

const period: fc.Arbitrary<BudgetPeriod> = fc.oneof(
  fc.constantFrom("day", "week", "month", "quarter", "year").map((every) => ({ every }) as BudgetPeriod),
  fc
    .tuple(day, fc.integer({ min: 1, max: 90 }))
    .map(([start, length]): BudgetPeriod => ({ every: "custom", start, end: addDays(start, length) })),
);
const scope = fc.record(
  {
    provider: fc.uniqueArray(fc.constantFrom("aws", "azure", "gcp", "o'racle"), { minLength: 1 }),
    team: fc.array(fc.constantFrom("ml", "web"), { minLength: 1, maxLength: 3 }),
    service: fc.constant(["Storage"]),
    region: fc.uniqueArray(fc.constantFrom("eu", ""), { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const someBudget = fc
  .record({
    scope,
    period,
    cost: fc.constantFrom<CostBasis>("effective", "billed"),
    currency: fc.constantFrom("USD", "USD", "USD", "EUR"),
    includeCategories: fc.constantFrom([], [], ["Usage"], ["Usage", "Tax"]),
    excludeCategories: fc.constantFrom([], [], ["Credit"]),
  })
  .map((fields) => budget({ ...fields, limit: fromInteger(100), alerts: [alert("80")] }));

describe("evaluateBudgets", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  it("gives by one query what evaluating budgets one by one gives", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(cubeRow, { maxLength: 120, size: "max" }),
        fc.array(someBudget, { minLength: 1, maxLength: 12, size: "max" }),
        async (rows, some) => {
          const budgets = some.map((one, index) => ({ ...one, name: `budget ${index}` }));
          await loadCube(engine, rows);
          const statuses = await evaluateBudgets(
            { engine, clock: testClock(`${TODAY}T09:00:00Z`) },
            { budgets, cubeRelation: "cube", settledAfterDays: SETTLED, convert },
          );
          const complete = rows.map(completeRow);
          for (const status of statuses) {
            const { amount, low, high, ...expected } = naiveStatus(status.budget, complete);
            expect({
              actual: formatDecimal(status.actual),
              settledActual: formatDecimal(status.settledActual),
              unsettledActual: formatDecimal(status.unsettledActual),
              unsettledLowerBound: formatDecimal(status.unsettledLowerBound),
              missingRates: status.missingRates,
            }).toEqual(expected);
            expectClose(Number(formatDecimal(status.forecast.amount)), amount);
            expectClose(Number(formatDecimal(status.forecast.low)), low);
            expectClose(Number(formatDecimal(status.forecast.high)), high);
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});

/** The width passes through floats, so it agrees to a few digits. */
function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(expected)));
}
