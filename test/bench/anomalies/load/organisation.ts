import { addDays, type Day, daysBetween } from "../../../../shared/core/period.ts";
import type { LeafSeries, LeafTable } from "../../../../shared/governance/anomalies/series/types.ts";
import { type BenchEvent, type BenchObservation, type BenchSettings, createSeries } from "../cost-bench/lib/series.mjs";
import { SETTINGS } from "../cost-bench/lib/settings.mjs";

/** The generator's series, all over the same days, so that they add up to accounts, services and clouds. */
const SERIES: BenchSettings = { ...SETTINGS, days: 330, startJitterDays: [0, 0] };
const START: Day = "2025-01-01";

export const ACCOUNTS = 1000;
export const TEAMS = 40;
const PROVIDERS = ["aws", "azure", "gcp"];
const SERVICES = 12;
const MOST_SERVICES = 4;

/** One service of one account: what was visible at the first and second look, and in the end; and the causes that were put into it. */
export interface OrganisationLeaf {
  provider: string;
  account: string;
  service: string;
  team: string;
  first: Float64Array;
  second: Float64Array;
  final: Float64Array;
  events: readonly BenchEvent[];
}

/** 1,000 accounts of 40 teams on three clouds, each with one to four services. Every labelled event of a service is one cause. */
export function createOrganisation(seed: number): OrganisationLeaf[] {
  const leaves: OrganisationLeaf[] = [];
  for (let account = 0; account < ACCOUNTS; account += 1) {
    for (let service = 0; service <= account % MOST_SERVICES; service += 1) {
      leaves.push(createLeaf(seed, leaves.length, { account, service }));
    }
  }
  for (const members of Map.groupBy(leaves, ({ provider, service }) => `${provider}\n${service}`).values()) {
    for (const leaf of members) lateLike(leaf, members[0] ?? leaf);
  }
  return leaves;
}

/**
 * Bills of one service are late alike, which is what the product learns; the generator makes each series late in its own way. So each leaf
 * keeps how its days differ from one another, around the mean of the first leaf of its service.
 */
function lateLike(leaf: OrganisationLeaf, model: OrganisationLeaf): void {
  for (const view of ["first", "second"] as const) {
    const shift = meanShare(model, view) - meanShare(leaf, view);
    for (const [day, final] of leaf.final.entries()) {
      const share = final === 0 ? 1 : (leaf[view][day] ?? 0) / final;
      leaf[view][day] = final * Math.min(1, share + shift);
    }
  }
}

function meanShare(leaf: OrganisationLeaf, view: "first" | "second"): number {
  let [sum, count] = [0, 0];
  for (const [day, final] of leaf.final.entries()) {
    if (!(final > 0)) continue;
    sum += (leaf[view][day] ?? 0) / final;
    count += 1;
  }
  return count === 0 ? 1 : sum / count;
}

function createLeaf(
  seed: number,
  index: number,
  { account, service }: { account: number; service: number },
): OrganisationLeaf {
  const { observations, label } = createSeries(seed, index, SERIES);
  const provider = PROVIDERS[account % PROVIDERS.length] ?? "";
  return {
    provider,
    account: `${provider}-${account}`,
    service: `${provider} service ${(account * 5 + service * 3) % SERVICES}`,
    team: `team-${Math.floor((account * TEAMS) / ACCOUNTS)}`,
    ...viewsOf(observations),
    events: label.events,
  };
}

function viewsOf(observations: readonly BenchObservation[]): Pick<OrganisationLeaf, "first" | "second" | "final"> {
  const views = [0, 1, 2].map(() => new Float64Array(SERIES.days).fill(Number.NaN));
  for (const { charge_time, observed_at, cost } of observations) {
    const day = daysBetween(START, charge_time.slice(0, 10));
    const look = daysBetween(START, observed_at.slice(0, 10)) - day - 1;
    for (const view of views.slice(look)) view[day] = cost;
  }
  const [first = new Float64Array(), second = new Float64Array(), final = new Float64Array()] = views;
  return { first, second, final };
}

/** What the ledger shows on the morning of day `today` of the newest `history` days: the last day at its first look, the one before at its second. */
export function knownOn(organisation: readonly OrganisationLeaf[], today: number, history: number): LeafTable {
  const from = today - history;
  return {
    by: ["provider", "account", "service"],
    start: dayAt(from),
    days: history,
    leaves: organisation.map(({ provider, account, service, first, second, final }): LeafSeries => {
      const costs = final.slice(from, today);
      costs[history - 1] = first[today - 1] ?? Number.NaN;
      costs[history - 2] = second[today - 2] ?? Number.NaN;
      return { provider, currency: "USD", values: [provider, account, service], costs };
    }),
  };
}

export function dayAt(index: number): Day {
  return addDays(START, index);
}

export function indexOf(instant: string): number {
  return daysBetween(START, instant.slice(0, 10));
}
