import { addDays, type Day, dayOf, type Month, monthOf } from "../../shared/core/period.ts";
import { type DailySums, type Knowledge, seriesName, withVersion } from "../../shared/ledger/completeness/knowledge.ts";
import type { StoredKnowledge } from "../../shared/ledger/completeness/learn-lags.ts";

/** How a simulated provider delivers: what part of a day's final cost a look at age 0, 1, … sees; everything afterwards. */
export interface LagLaw {
  provider: string;
  service: string;
  currency?: string;
  shares(day: Day): readonly number[];
  cost?(day: Day): number;
}

export interface SimulatedLag {
  source?: string;
  laws: readonly LagLaw[];
  /** First day with cost, and the first day on which GenOps looks. */
  from: Day;
  firstLook?: Day;
  lastLook: Day;
  /** Hours of the day at which the bill is committed. */
  at?: readonly number[];
}

/** The documents that a source leaves behind which is looked at every day. */
export function simulateLag(simulated: SimulatedLag): StoredKnowledge[] {
  const { source = "bill", from, lastLook, firstLook = from, at = [6] } = simulated;
  const documents = new Map<Month, Knowledge>();
  for (let today = firstLook; today <= lastLook; today = addDays(today, 1)) {
    for (const hour of at) {
      const instant = new Date(Date.parse(`${today}T00:00:00Z`) + hour * 3_600_000).toISOString();
      for (const month of new Set([monthOf(addDays(today, -20)), monthOf(addDays(today, -1))])) {
        const sums = sumsAt(simulated, month, today);
        if (sums.size === 0) continue;
        documents.set(month, withVersion(documents.get(month), month, instant, sums));
      }
    }
  }
  return [...documents].map(([month, knowledge]) => ({ source, month, knowledge }));
}

function sumsAt({ laws, from }: SimulatedLag, month: Month, today: Day): DailySums {
  const sums = new Map<string, Map<Day, string>>();
  const tell = (name: string, day: Day, amount: number) => {
    const days = sums.get(name) ?? new Map<Day, string>();
    const before = Number(days.get(day) ?? "0");
    sums.set(name, days.set(day, (before + amount).toFixed(6)));
  };
  for (
    let day = from > `${month}-01` ? from : `${month}-01`;
    day < today && monthOf(day) === month;
    day = addDays(day, 1)
  ) {
    const age = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000) - 1;
    for (const { provider, service, currency = "USD", shares, cost = () => 100 } of laws) {
      const amount = cost(day) * (shares(day)[age] ?? 1);
      tell(seriesName({ provider, service, currency }), day, amount);
      tell(seriesName({ provider, service: null, currency }), day, amount);
    }
  }
  return sums;
}

/** A number in 0..1 that depends on nothing but the text. */
export function noiseOf(text: string): number {
  let hash = 2_166_136_261;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Standard normal, from the text alone. */
export function normalOf(text: string): number {
  return Math.sqrt(-2 * Math.log(1 - noiseOf(`${text} a`))) * Math.cos(2 * Math.PI * noiseOf(`${text} b`));
}

export function instantOf(day: Day, hour = 6): Date {
  return new Date(`${dayOf(new Date(`${day}T00:00:00Z`))}T${String(hour).padStart(2, "0")}:00:00.000Z`);
}
