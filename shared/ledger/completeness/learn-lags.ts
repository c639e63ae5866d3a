import { at } from "../../core/at.ts";
import { addDays, type Day, type Month, monthOf } from "../../core/period.ts";
import type { Completeness } from "./completeness.ts";
import { estimateCompleteness, logShare } from "./estimate.ts";
import { HORIZON_DAYS, hoursSinceEnd, type Knowledge, type Known, parseKnown, parseSeriesName } from "./knowledge.ts";
import type { Lag, LagModel, ProviderLag } from "./lag-model.ts";
import { priorOf } from "./priors.ts";

/** Final days of a series that are learnt from; older ones are forgotten. */
const WINDOW = 40;
/** From this age on what is known counts as final; what moves until `HORIZON_DAYS` still moves it. */
const FINAL_AFTER_DAYS = 7;
/** Days that were not seen by this age are not counted: an import of old days is no experience. */
const YOUNG = 1;
/** A day below this part of the series' usual one says nothing: a rounding is not a lag. */
const TINY = 0.001;

export interface StoredKnowledge {
  source: string;
  month: Month;
  knowledge: Knowledge;
}

/** The months whose days are young enough to be learnt from on `today`. */
export function learntMonths(today: Day): Month[] {
  const months = new Set<Month>();
  for (let back = 0; back <= WINDOW + HORIZON_DAYS; back += 1) months.add(monthOf(addDays(today, -back)));
  return [...months];
}

/** Logarithms of known ÷ final by age, of all sources and currencies of one series, and the days they come from. */
interface Observed {
  logs: number[][];
  days: Set<Day>;
}

/** What the documents say, as it was known at `asOf`: entries of later are as if they were not there. */
export function learnLags(documents: readonly StoredKnowledge[], asOf: Date | undefined): Omit<LagModel, "unreadable"> {
  const observed = new Map<string, Map<string | null, Observed>>();
  for (const own of Map.groupBy(documents, ({ source }) => source).values()) {
    const [through = ""] = own
      .map(({ knowledge }) => knowledge.through)
      .sort()
      .reverse();
    const limit = asOf === undefined || through < asOf.toISOString() ? through : asOf.toISOString();
    for (const [name, days] of daysOfSeries(own)) observe(observed, name, days, limit);
  }
  const providers = [...observed].map(([provider, services]) => [provider, providerLag(provider, services)] as const);
  return { providers: new Map(providers.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function daysOfSeries(documents: readonly StoredKnowledge[]): Map<string, Map<Day, string>> {
  const series = new Map<string, Map<Day, string>>();
  for (const { knowledge } of documents) {
    for (const [name, days] of Object.entries(knowledge.series)) {
      const all = series.get(name) ?? new Map<Day, string>();
      series.set(name, all);
      for (const [day, known] of Object.entries(days)) all.set(day, known);
    }
  }
  return series;
}

function observe(
  observed: Map<string, Map<string | null, Observed>>,
  name: string,
  days: ReadonlyMap<Day, string>,
  limit: string,
): void {
  const { provider, service } = parseSeriesName(name);
  const looks = [...days]
    .filter(([day]) => hoursSinceEnd(day, limit) >= FINAL_AFTER_DAYS * 24)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-WINDOW)
    .map(([day, known]) => ({ day, known: knownByAge(parseKnown(known), hoursSinceEnd(day, limit)) }));
  const tiny = TINY * usual(looks.map(({ known }) => at(known, HORIZON_DAYS)));
  const services = observed.get(provider) ?? new Map<string | null, Observed>();
  observed.set(provider, services);
  const into = services.get(service) ?? { logs: Array.from({ length: HORIZON_DAYS }, () => []), days: new Set() };
  services.set(service, into);
  for (const { day, known } of looks) {
    const last = at(known, HORIZON_DAYS);
    for (const [age, logs] of into.logs.entries()) {
      const log = logShare(at(known, age), last, tiny);
      if (log === undefined) continue;
      logs.push(log);
      if (age <= YOUNG) into.days.add(day);
    }
  }
}

/**
 * What a look in the middle of each day of age saw, and at the end what is final. NaN where nothing was seen that early: a bill that was
 * first collected when its days were old says nothing about their youth.
 */
function knownByAge(entries: readonly Known[], limit: number): number[] {
  const seen = entries.filter(({ hours }) => hours <= Math.min(limit, HORIZON_DAYS * 24));
  const amounts = Array.from({ length: HORIZON_DAYS }, (_none, age) => {
    const middle = seen.findLast(({ hours }) => hours <= age * 24 + 12) ?? seen[0];
    return middle !== undefined && middle.hours < (age + 1) * 24 ? Number(middle.amount) : Number.NaN;
  });
  return [...amounts, Number(seen.at(-1)?.amount)];
}

function usual(amounts: readonly number[]): number {
  const sorted = amounts.filter((amount) => amount > 0).sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : at(sorted, sorted.length >> 1);
}

function providerLag(provider: string, services: ReadonlyMap<string | null, Observed>): ProviderLag {
  const whole = lagOf(services.get(null), (age) => priorOf(provider, age));
  const own = [...services]
    .flatMap(([service, observed]) => {
      const lag = lagOf(observed, (age) => whole.ages[age] ?? priorOf(provider, age));
      return service === null || lag.days === 0 ? [] : [[service, lag] as const];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...whole, services: new Map(own) };
}

function lagOf(observed: Observed | undefined, prior: (age: number) => Completeness): Lag {
  const ages = Array.from({ length: HORIZON_DAYS }, (_none, age) => {
    const logs = Float64Array.from(observed?.logs[age] ?? []);
    return estimateCompleteness(logs, logs.length, prior(age));
  });
  return { days: observed?.days.size ?? 0, ages, seen: ages.map((_age, age) => observed?.logs[age]?.length ?? 0) };
}
