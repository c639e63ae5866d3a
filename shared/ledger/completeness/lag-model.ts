import { type Day, daysBetween } from "../../core/period.ts";
import type { SettledAfterDays } from "../settledness.ts";
import { type Completeness, keptShare, stillMoves } from "./completeness.ts";
import { ENOUGH } from "./estimate.ts";
import { priorOf } from "./priors.ts";

/** How a series of days fills up. */
export interface Lag {
  /** Final days that it was learnt from. */
  days: number;
  /** By age in full days since the day's end. Older days are complete. */
  ages: readonly Completeness[];
  /** By age how many days were seen at it; absent: all. */
  seen?: readonly number[];
}

export interface ProviderLag extends Lag {
  services: ReadonlyMap<string, Lag>;
}

/** What the ledger's own history of restatements says about the newest days. */
export interface LagModel {
  providers: ReadonlyMap<string, ProviderLag>;
  /** Keys of documents that could not be read: nothing was learnt from them. */
  unreadable: readonly string[];
}

export const NO_LAGS: LagModel = { providers: new Map(), unreadable: [] };

/** What is at least left of a day's reported cost once it is settled, as long as nothing is learnt. */
const SURE_PRIOR = 0.9;
/** However still a provider's days have been: of a day that is not settled, not all is sure. */
const SURE_AT_MOST = 0.98;
/** A day is settled when nine of ten move by less than this any more. */
const STILL = 0.005;
/** So many final days it takes to move the day from which on a provider is settled. */
const DAYS_TO_SETTLE = 20;

/** How complete a day of a provider (of one of its services) is, `age` full days after its end. Service before provider before prior. */
export function completenessOf(
  model: LagModel,
  provider: string | undefined,
  service: string | undefined,
  age: number,
): Completeness {
  const lag = lagOf(model, provider, service);
  return lag === undefined ? priorOf(provider, age) : atAge(lag, age);
}

/** Completeness of `count` days, `[0]` of `newest`: what a series that ends with that day wants (`KnownSeries.completeness`). */
export function completenessOfDays(
  model: LagModel,
  of: { provider?: string | undefined; service?: string | undefined },
  { newest, today, count }: { newest: Day; today: Day; count: number },
): Completeness[] {
  const age = ageOf(newest, today);
  return Array.from({ length: count }, (_none, index) => completenessOf(model, of.provider, of.service, age + index));
}

/** Full days since a day's end: 0 for yesterday, −1 for today. */
export function ageOf(day: Day, today: Day): number {
  return daysBetween(day, today) - 1;
}

function lagOf(model: LagModel, provider: string | undefined, service: string | undefined): Lag | undefined {
  const known = provider === undefined ? undefined : model.providers.get(provider);
  return (service === undefined ? undefined : known?.services.get(service)) ?? known;
}

function atAge({ ages }: Lag, age: number): Completeness {
  return ages[Math.max(0, age)] ?? { share: 1, spread: 0 };
}

/**
 * The part (0..1) of an unsettled day's reported cost that hard decisions may count: what nine of ten days kept, the prior of 90 % as
 * long as little is learnt, never all of it. Service before provider before prior.
 */
export function sureShare(model: LagModel, provider: string, service: string | undefined, age: number): number {
  const known = model.providers.get(provider);
  const ofProvider = known === undefined ? SURE_PRIOR : sureOf(known, age, SURE_PRIOR);
  const own = service === undefined ? undefined : known?.services.get(service);
  return Math.min(SURE_AT_MOST, own === undefined ? ofProvider : sureOf(own, age, ofProvider));
}

function sureOf(lag: Lag, age: number, prior: number): number {
  // A bill that is never collected on the first day says nothing about the first day, however long it is known.
  const seen = lag.seen?.[Math.max(0, age)] ?? lag.days;
  const weight = Math.min(1, Math.min(seen, lag.days) / ENOUGH);
  return weight * Math.min(1, keptShare(atAge(lag, age))) + (1 - weight) * prior;
}

/** The first age from which on days of a provider hold still; undefined while too few days are known. */
export function settledAfter({ days, ages }: Lag): number | undefined {
  if (days < DAYS_TO_SETTLE) return undefined;
  return ages.findLastIndex((completeness) => stillMoves(completeness) >= STILL) + 1;
}

/**
 * After how many days each provider counts as settled: what the configuration names (`named`) as it says, of the others what is learnt,
 * and what the configuration says by default where too little is.
 */
export function settledAfterDaysOf(
  model: LagModel,
  configured: SettledAfterDays,
  named: readonly string[],
): SettledAfterDays {
  const learnt = [...model.providers].flatMap(([provider, lag]) => {
    const days =
      named.includes(provider) || (named.includes("default") && !Object.hasOwn(configured, provider))
        ? undefined
        : settledAfter(lag);
    return days === undefined ? [] : [[provider, Math.max(1, days)] as const];
  });
  return { ...configured, ...Object.fromEntries(learnt) };
}
