import type { SettledAfterDays } from "../settledness.ts";
import type { Completeness } from "./completeness.ts";
import { completenessOf, type LagModel } from "./lag-model.ts";

/** One provider's lag for people and documents. */
export interface DescribedLag {
  provider: string;
  /** Share of a day that is known in the course of the day after it, of the one after that, …, as decimal text with three places. */
  complete: string[];
  settledAfterDays: number;
  /** Final days that it was learnt from; 0: what is believed of the provider in general. */
  learntFromDays: number;
}

/** Ages that are worth telling. */
const TOLD = 3;

export function describeLags(
  model: LagModel,
  settledAfterDays: SettledAfterDays,
  providers: Iterable<string>,
): DescribedLag[] {
  return [...new Set(providers)].sort().map((provider) => ({
    provider,
    complete: Array.from({ length: TOLD }, (_none, age) => share(completenessOf(model, provider, undefined, age))),
    settledAfterDays: settledAfterDays[provider] ?? settledAfterDays["default"] ?? 0,
    learntFromDays: model.providers.get(provider)?.days ?? 0,
  }));
}

function share(completeness: Completeness): string {
  return completeness.share.toFixed(3);
}

/** `aws: 93 % of a day is known on the next day, 99.6 % one day later, 100 % two days later; settled after 2 days (learnt from 38 days)` */
export function lagText({ provider, complete, settledAfterDays, learntFromDays }: DescribedLag): string {
  const percent = (text: string | undefined) => `${Number((Number(text) * 100).toFixed(1))} %`;
  const [first, second, third] = complete.map(percent);
  const why = learntFromDays === 0 ? "nothing learnt yet" : `learnt from ${learntFromDays} days`;
  const known = `${first} of a day is known on the next day, ${second} one day later, ${third} two days later`;
  return `${provider}: ${known}; settled after ${settledAfterDays === 1 ? "1 day" : `${settledAfterDays} days`} (${why})`;
}
