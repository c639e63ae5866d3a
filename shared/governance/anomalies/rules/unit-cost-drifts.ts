import type { AnomalyConfig } from "../../../config/types.ts";
import {
  abs,
  type Decimal,
  divide,
  formatDecimal,
  formatFixed,
  multiply,
  parseDecimal,
  sum,
} from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { type SettledAfterDays, settledThrough } from "../../../ledger/settledness.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import type { SeriesName } from "../feedback/types.ts";
import { largestFirst } from "./largest-first.ts";
import { median } from "./median.ts";
import { recentHistory } from "./recent-history.ts";
import { type RuleObservation, ruleObservation } from "./types.ts";
import { type UnitCostDrift, type UsedDay, unitCostDrift } from "./unit-cost.ts";

/** Runs that began in the watched two weeks, and what they are compared with. */
const WATCHED_DAYS = 14;
const DAYS_READ = WATCHED_DAYS + 28;
/** A newest day with less than a quarter of the usual quantity is not comparable (`unit-cost.ts`): as long as it may grow, it is not looked at. */
const BEGUN = 4n;
const CONTRIBUTORS = 5;

export interface UnitCostInput {
  unitCostRelation?: string | undefined;
  config: Pick<AnomalyConfig, "unitCost">;
  settledAfterDays: SettledAfterDays;
  today: Day;
  cautionOf(series: SeriesName): number;
}

interface DriftingPrice extends UnitCostDrift {
  provider: string;
  service: string;
  currency: string;
  sku: string;
  unit: string;
  rows: number;
  unitCosts: ReadonlyMap<Day, Decimal>;
}

/**
 * Prices whose unit cost has drifted (`unitCostDrift`). The prices of one service that began to on the same day, in the same direction, are one
 * observation: an expired discount moves many. It needs `floor` more (or less) money than usual so far. Less money is worth knowing, not
 * worth waking anybody: level info.
 */
export async function unitCostDrifts(engine: SqlEngine, input: UnitCostInput): Promise<RuleObservation[]> {
  const drifts = await driftingPrices(engine, input);
  const groups = Map.groupBy(drifts, ({ provider, service, currency, since, excess }) =>
    JSON.stringify([provider, service, currency, since, excess > 0n]),
  );
  return [...groups.values()].flatMap((group) => observation(group, input) ?? []);
}

async function driftingPrices(engine: SqlEngine, input: UnitCostInput): Promise<DriftingPrice[]> {
  const { unitCostRelation, config, settledAfterDays, today } = input;
  if (unitCostRelation === undefined) return [];
  const rows = await engine.query(pricesSql(unitCostRelation, today, config.unitCost.ratio));
  const prices = Map.groupBy(rows, (row) =>
    JSON.stringify(["provider", "service", "currency", "sku", "unit"].map((name) => row[name])),
  );
  return [...prices.values()].flatMap((days) => {
    const text = (name: string) => String(days[0]?.[name]);
    const used = withoutBegun(days.map(usedDay), settledThrough(settledAfterDays, text("provider"), today));
    const drift = unitCostDrift(used, config.unitCost);
    if (drift === undefined || drift.since < addDays(today, 1 - WATCHED_DAYS)) return [];
    const rowCount = days.reduce((count, row) => count + Number(row["row_count"]), 0);
    return {
      ...drift,
      provider: text("provider"),
      service: text("service"),
      currency: text("currency"),
      sku: text("sku"),
      unit: text("unit"),
      rows: rowCount,
      unitCosts: new Map(used.map((one) => [one.day, divide(one.effective, one.quantity)])),
    };
  });
}

/**
 * Only prices that were used on the provider's newest days, since a run has to reach them, and whose newest unit cost is far from that of some
 * other day: of most prices it is always the same.
 */
function pricesSql(relation: string, today: Day, ratio: Decimal): string {
  const range = `date > DATE ${sqlText(addDays(today, -DAYS_READ))} AND date <= DATE ${sqlText(today)}`;
  const price = "provider, service, currency, sku, unit";
  const factor = `money(${sqlText(formatDecimal(ratio))})`;
  return `WITH used AS (
  SELECT ${price}, date AS day, sum(effective) AS effective, sum(list) AS list, sum(quantity) AS quantity, sum(rows)::BIGINT AS row_count,
    over(sum(effective), sum(quantity)) AS unit_cost
  FROM ${sqlName(relation)} WHERE ${range} GROUP BY ALL HAVING sum(quantity) > 0),
newest AS (SELECT provider, max(day) AS delivered FROM used GROUP BY ALL),
moved AS (
  SELECT ${price} FROM used JOIN newest USING (provider) GROUP BY ${price}, delivered
  HAVING max(day) >= delivered - 1
    AND (arg_max(unit_cost, day) > times(min(unit_cost), ${factor}) OR times(arg_max(unit_cost, day), ${factor}) < max(unit_cost)))
SELECT * FROM used WHERE (${price}) IN (SELECT (${price}) FROM moved) ORDER BY ${price}, day`;
}

/** The days of use without newest ones of which so far only a little has been delivered. */
function withoutBegun(used: readonly UsedDay[], settled: Day): readonly UsedDay[] {
  const usual = median(used.map(({ quantity }) => quantity)) ?? 0n;
  const last = used.findLastIndex(({ day, quantity }) => day <= settled || quantity * BEGUN >= usual);
  return used.slice(0, last + 1);
}

function usedDay(row: SqlRow): UsedDay {
  const amount = (name: string) => parseDecimal(String(row[name] ?? "0"));
  return {
    day: String(row["day"]),
    effective: amount("effective"),
    list: amount("list"),
    quantity: amount("quantity"),
  };
}

function observation(
  group: readonly DriftingPrice[],
  { config, cautionOf }: UnitCostInput,
): RuleObservation | undefined {
  const [largest, ...others] = largestFirst(group, ({ excess: off }) => abs(off));
  if (largest === undefined) return undefined;
  const { provider, service, currency, since, usual, now, sku, unit } = largest;
  const scope = { provider: [provider], service: [service] };
  const excess = sum(group.map((one) => one.excess));
  const caution = parseDecimal(cautionOf({ scope, currency }).toFixed(6));
  if (abs(excess) < multiply(config.unitCost.floor, caution)) return undefined;
  const isUp = excess > 0n;
  const times = `${formatFixed(divide(now, usual), 2)} ×`;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return ruleObservation({
    rule: "unit-cost",
    level: isUp ? "warning" : "info",
    scope,
    currency,
    day: since,
    raisedOn: largest.confirmed,
    title: `${provider} / ${service}: a unit of ${sku}${more} costs ${times} the usual since ${since}, ${formatFixed(abs(excess), 2)} ${currency} ${isUp ? "more" : "less"} so far`,
    amount: abs(excess),
    rows: group.reduce((rows, one) => rows + one.rows, 0),
    isSettled: false,
    contributors: [largest, ...others]
      .slice(0, CONTRIBUTORS)
      .map((one) => ({ keys: { sku: one.sku, unit: one.unit }, amount: abs(one.excess) })),
    facts: {
      unitCost: perUnit(now, unit),
      usualUnitCost: perUnit(usual, unit),
      ratio: formatFixed(divide(now, usual), 2),
      cause: causeText(group, isUp),
      direction: isUp ? "up" : "down",
      ...recentHistory(largest.unitCosts),
    },
  });
}

function perUnit(amount: Decimal, unit: string): string {
  return `${formatDecimal(parseDecimal(formatFixed(amount, 12)))}${unit === "" ? "" : ` per ${unit}`}`;
}

/** What moved, for most of the money. */
function causeText(group: readonly DriftingPrice[], isUp: boolean): string {
  if (group.every(({ isDiscount }) => isDiscount === undefined)) return "there is no list price to compare with";
  const byDiscount = sum(group.filter(({ isDiscount }) => isDiscount).map(({ excess }) => abs(excess)));
  if (byDiscount * 2n <= sum(group.map(({ excess }) => abs(excess)))) return "the list price moved";
  return isUp
    ? "the list price stayed: a discount or commitment covers less"
    : "the list price stayed: a discount or commitment covers more";
}
