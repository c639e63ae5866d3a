import type { SharedCostRule } from "../../config/types.ts";
import { add, type Decimal, fromInteger, max, split, ZERO } from "../../core/decimal.ts";
import { compareText } from "./fold-case.ts";
import { UNALLOCATED } from "./tag-keys.ts";

/** A row of the cube. Its measures may have `rows`, a count that is never split. */
export interface CubeRow {
  dims: Readonly<Record<string, string | null>>;
  measures: Readonly<Record<string, Decimal>>;
}

interface Receiver {
  value: string;
  weight: Decimal;
}

const COUNT = "rows";

/**
 * Spreads what each rule matches over the values of its dimension, rule after rule: a later rule sees what earlier ones made. Every
 * measure of every row keeps its total to the last digit; `rows` stays with the largest share. Shares are made per billing period and
 * currency; where nobody can receive, rows stay as they are.
 */
export function splitShared(rows: readonly CubeRow[], rules: readonly SharedCostRule[]): CubeRow[] {
  return rules.reduce<CubeRow[]>((current, rule) => applyRule(current, rule), [...rows]);
}

function applyRule(rows: readonly CubeRow[], rule: SharedCostRule): CubeRow[] {
  const matches = matcher(rule);
  const spending = spendByPool(
    rows.filter((row) => !matches(row)),
    rule.over,
  );
  const receivers = new Map<string, Receiver[]>();
  const receiversOf = (pool: string): Receiver[] => {
    const known = receivers.get(pool) ?? findReceivers(rule, spending.get(pool) ?? new Map());
    receivers.set(pool, known);
    return known;
  };
  return rows.flatMap((row) => (matches(row) ? spread(row, rule.over, receiversOf(poolOf(row))) : [row]));
}

function matcher(rule: SharedCostRule): (row: CubeRow) => boolean {
  const wanted = Object.entries(rule.match).map(
    ([name, values]) => [name, new Set<string | null | undefined>(values)] as const,
  );
  return ({ dims }) => wanted.every(([name, values]) => values.has(dims[name]));
}

function poolOf({ dims }: CubeRow): string {
  return JSON.stringify([dims["billing_period"], dims["currency"]]);
}

/** Effective cost per pool and value of the dimension. */
function spendByPool(rows: readonly CubeRow[], over: string): Map<string, Map<string, Decimal>> {
  const pools = new Map<string, Map<string, Decimal>>();
  for (const row of rows) {
    const value = row.dims[over];
    if (value === null || value === undefined) continue;
    const key = poolOf(row);
    const pool = pools.get(key) ?? new Map<string, Decimal>();
    pools.set(key, pool);
    pool.set(value, add(pool.get(value) ?? ZERO, row.measures["effective"] ?? ZERO));
  }
  return pools;
}

/** Who receives how much, in the order of the values; those without a share are left out. */
function findReceivers(rule: SharedCostRule, spending: ReadonlyMap<string, Decimal>): Receiver[] {
  const values =
    rule.among.length > 0 ? [...new Set(rule.among)] : [...spending.keys()].filter((value) => value !== UNALLOCATED);
  const all = (rule.method === "fixed" ? Object.keys(rule.weights) : values).sort(compareText);
  const weighed = all.map((value) => ({ value, weight: weightOf(rule, value, spending) }));
  const paying = weighed.filter(({ weight }) => weight > ZERO);
  return paying.length > 0 ? paying : weighed.map(({ value }) => ({ value, weight: fromInteger(1) }));
}

function weightOf(rule: SharedCostRule, value: string, spending: ReadonlyMap<string, Decimal>): Decimal {
  if (rule.method === "fixed") return rule.weights[value] ?? ZERO;
  if (rule.method === "even") return fromInteger(1);
  return max(spending.get(value) ?? ZERO, ZERO);
}

function spread(row: CubeRow, over: string, receivers: readonly Receiver[]): CubeRow[] {
  if (receivers.length === 0) return [row];
  const weights = receivers.map(({ weight }) => weight);
  const largest = weights.reduce((best, weight, index) => (weight > (weights[best] ?? ZERO) ? index : best), 0);
  const parts = Object.entries(row.measures).map(([name, total]) => {
    if (name !== COUNT) return [name, split(total, weights)] as const;
    return [name, receivers.map((_, index) => (index === largest ? total : ZERO))] as const;
  });
  return receivers.map(({ value }, index) => ({
    dims: { ...row.dims, [over]: value },
    measures: Object.fromEntries(parts.map(([name, shares]) => [name, shares[index] ?? ZERO])),
  }));
}
