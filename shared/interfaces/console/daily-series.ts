import { add, type Decimal, parseDecimal, ZERO } from "../../core/decimal.ts";
import { addDays, type Day } from "../../core/period.ts";
import type { DailyCost, HomeModel } from "./model.ts";

/** One provider's part of one day. */
export interface DayPart {
  amount: Decimal;
  settled: boolean;
}

/** What one chart and one block of totals show: a single currency. */
export interface CurrencySeries {
  currency: string;
  /** Known providers first, then the others by name: the order of colours and stacks. */
  providers: readonly string[];
  days: readonly { date: Day; parts: ReadonlyMap<string, DayPart> }[];
}

const KNOWN = ["aws", "azure", "gcp", "oracle"];

/** One series per currency, the one with the most entries first. Several entries of one day and provider are added up. */
export function seriesByCurrency(model: Pick<HomeModel, "costs" | "period">): CurrencySeries[] {
  const { start, end } = model.period;
  const inside = model.costs.filter((cost) => cost.date >= start && cost.date < end);
  const groups = new Map<string, DailyCost[]>();
  for (const cost of inside) groups.set(cost.currency, [...(groups.get(cost.currency) ?? []), cost]);
  return [...groups]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([currency, costs]) => ({ currency, providers: providersOf(costs), days: daysOf(costs, start, end) }));
}

function providersOf(costs: readonly DailyCost[]): string[] {
  const rank = (slug: string) => (KNOWN.includes(slug) ? KNOWN.indexOf(slug) : KNOWN.length);
  return [...new Set(costs.map((cost) => cost.provider))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function daysOf(costs: readonly DailyCost[], start: Day, end: Day): CurrencySeries["days"] {
  const byDay = new Map<Day, Map<string, DayPart>>();
  for (let date = start; date < end; date = addDays(date, 1)) byDay.set(date, new Map());
  for (const { date, provider, amount, settled } of costs) {
    const parts = byDay.get(date);
    const before = parts?.get(provider) ?? { amount: ZERO, settled: true };
    parts?.set(provider, { amount: add(before.amount, parseDecimal(amount)), settled: before.settled && settled });
  }
  return [...byDay].map(([date, parts]) => ({ date, parts }));
}

/** Class that colours a provider: its own for the known ones, one of four for the rest in their order. */
export function providerClass(series: CurrencySeries, provider: string): string {
  if (KNOWN.includes(provider)) return `p-${provider}`;
  const others = series.providers.filter((each) => !KNOWN.includes(each));
  return `p-other-${Math.max(0, others.indexOf(provider)) % 4}`;
}
