import type { AnomalyConfig } from "../../../config/types.ts";
import type { Finding, Observation } from "../../../core/finding.ts";
import { addDays, type Day, dayOf } from "../../../core/period.ts";
import type { SettledAfterDays } from "../../../ledger/settledness.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import { findingKey } from "../../findings/finding-key.ts";
import { sensitivityOf } from "../feedback/sensitivity.ts";
import type { Feedback, SeriesName } from "../feedback/types.ts";
import type { Sensitivity } from "../types.ts";
import { explainRises } from "./explain-rises.ts";
import { findCandidates } from "./find-candidates.ts";
import { firstUses } from "./first-use.ts";
import { largestFirst } from "./largest-first.ts";
import { hoursOverYesterday } from "./over-yesterday-hours.ts";
import { type DailySeries, type Deliveries, readDailyCosts } from "./read-daily-costs.ts";
import { cautious, riseOn } from "./rises.ts";
import { spendAtZero } from "./spend-at-zero.ts";
import { RULES, type RuleObservation } from "./types.ts";
import { unitCostDrifts } from "./unit-cost-drifts.ts";

/** What came true longer ago is not told as new, so that the history of a new lake does not flood anybody. */
const NEWS_DAYS = 3;
/** A provider whose newest day is older has stopped delivering: nothing about it is news. */
const STALE_DAYS = 7;
/** For so many days after its day a finding is looked at again with what is known then; afterwards it is over. */
const WATCHED_DAYS = 14;
/** History before the first of them that some rule compares with. */
const DAYS_BEFORE = 28;
const CANDIDATES = "rule_candidates";

export interface RulesInput {
  cubeRelation: string;
  /** Cost and quantity by day and price (`ledger/unit-costs.ts`); without it, unit costs are not judged. */
  unitCostRelation?: string | undefined;
  /** Relation with hourly costs (`ledger/hourly-costs.ts`); without it, only days are compared. */
  hourlyRelation?: string | undefined;
  config: AnomalyConfig;
  settledAfterDays: SettledAfterDays;
  feedback: readonly Feedback[];
  /** What has been found so far: it stays as long as it is true. */
  earlier: readonly Finding[];
}

export interface RulesReport {
  observations: Observation[];
  /** In which words a rule's finding ends that is not among the observations; undefined for the findings of others. */
  covers: (finding: Finding) => string | undefined;
}

/**
 * The explicit rules over the daily cube: what came true in the newest three days, and what was found before and is still true. The days of
 * two weeks are judged again each time, so a restatement ends the finding that it explains.
 */
export async function observeRules(engine: SqlEngine, input: RulesInput, now: Date): Promise<RulesReport> {
  const { cubeRelation, config } = input;
  const today = dayOf(now);
  const days = lastDays(today, WATCHED_DAYS);
  const { rises, zeros, deliveries } = await fromDailyCosts(engine, input, { days, now });
  const others = [
    ...zeros,
    ...(await firstUses(engine, { ...input, today, watchedDays: WATCHED_DAYS, cautionOf: cautionOf(input, now) })),
    ...(await unitCostDrifts(engine, { ...input, today, cautionOf: cautionOf(input, now) })),
  ];
  const isTold = toldWhen(input, { today, deliveries });
  const ofHours = await fromHours(engine, input, { judgedFrom: days[0] ?? today, now });
  const known = new Set(ofHours.map(findingKey));
  const ofDays = rises.filter((seen) => !known.has(findingKey(seen)));
  const explained = await explainRises(
    engine,
    { cubeRelation, by: config.rulesBy },
    [...ofHours, ...ofDays].filter(isTold),
  );
  const told = [...explained, ...others.filter(isTold)];
  return {
    observations: told.map(({ raisedOn: _raised, comparedWith: _compared, ...observation }) => observation),
    covers: coverage(config, days, deliveries),
  };
}

/**
 * What came true on the newest days that its provider has delivered, since a bill that comes late is news when it comes; and what is known
 * and still true.
 */
function toldWhen(
  { config: { rulesOff = [] }, earlier }: RulesInput,
  { today, deliveries }: { today: Day; deliveries: Deliveries },
): (seen: RuleObservation) => boolean {
  const known = new Set(earlier.map(({ key }) => key));
  return (seen) => {
    if (rulesOff.includes(seen.rule)) return false;
    const delivered = providersIn(seen, deliveries).flatMap((provider) => [...(deliveries.get(provider) ?? [])]);
    const newest = delivered.sort().at(-1) ?? "";
    const from = newest >= addDays(today, -STALE_DAYS) ? newest : today;
    return seen.raisedOn >= addDays(from, 1 - NEWS_DAYS) || known.has(findingKey(seen));
  };
}

/** Of findings of no provider: by all who have delivered any of the watched days. */
function isDelivered({ scope, period }: Finding, first: Day, deliveries: Deliveries): boolean {
  const alive = [...deliveries]
    .filter(([, days]) => [...days].some((day) => day >= first))
    .map(([provider]) => provider);
  const needed = scope["provider"] ?? alive;
  return needed.length > 0 && needed.every((provider) => deliveries.get(provider)?.has(period.start) === true);
}

function providersIn({ scope }: Pick<Finding, "scope">, deliveries: Deliveries): readonly string[] {
  return scope["provider"] ?? [...deliveries.keys()];
}

async function fromHours(
  engine: SqlEngine,
  input: RulesInput,
  { judgedFrom, now }: { judgedFrom: Day; now: Date },
): Promise<RuleObservation[]> {
  const { hourlyRelation } = input;
  return hourlyRelation === undefined ? [] : hoursOverYesterday(engine, { ...input, hourlyRelation, judgedFrom }, now);
}

async function fromDailyCosts(
  engine: SqlEngine,
  input: RulesInput,
  { days, now }: { days: readonly Day[]; now: Date },
): Promise<{ rises: RuleObservation[]; zeros: RuleObservation[]; deliveries: Deliveries }> {
  const today = dayOf(now);
  const { config, settledAfterDays, feedback } = input;
  const range = { start: addDays(today, 1 - WATCHED_DAYS - DAYS_BEFORE), end: addDays(today, 1) };
  await findCandidates(engine, CANDIDATES, { ...input, ...range, judgedFrom: addDays(today, 1 - WATCHED_DAYS) });
  const daily = await readDailyCosts(engine, { ...input, ...range, by: config.rulesBy, among: CANDIDATES });
  const rises: RuleObservation[] = [];
  const zeros: RuleObservation[] = [];
  for (const one of daily.series) {
    const { planned, caution } = sensitivityOf(feedback, nameOf(one), now);
    const known = withoutPlanned(one, planned);
    const rules = cautious(config, caution);
    rises.push(...days.flatMap((day) => riseOn(known, day, rules) ?? []));
    zeros.push(...spendAtZero(known, { rule: config.spendAtZero, caution, settledAfterDays, days, today }));
  }
  return { rises: largestFirst(rises, ({ amount }) => amount), zeros, deliveries: daily.deliveries };
}

function nameOf({ keys, currency }: DailySeries): SeriesName {
  return { scope: Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]])), currency };
}

/** Announced days are as if unknown: neither judged nor compared with. */
function withoutPlanned(series: DailySeries, planned: Sensitivity["planned"]): DailySeries {
  if (planned.length === 0) return series;
  const isPlanned = (day: Day) => planned.some(({ from, to }) => Date.parse(day) >= from && Date.parse(day) < to);
  return { ...series, costs: new Map([...series.costs].filter(([day]) => !isPlanned(day))) };
}

function cautionOf({ feedback }: RulesInput, now: Date): (series: SeriesName) => number {
  return (series) => sensitivityOf(feedback, series, now).caution;
}

/** The days up to `today`, oldest first. */
function lastDays(today: Day, count: number): Day[] {
  return Array.from({ length: count }, (_, index) => addDays(today, index + 1 - count));
}

/** Of a day that its provider has not delivered (any more) nothing is known: its findings stay until they are over. */
function coverage(
  { rulesOff = [] }: AnomalyConfig,
  [first = ""]: readonly Day[],
  deliveries: Deliveries,
): RulesReport["covers"] {
  return (finding) => {
    const { kind, rule, period } = finding;
    if (kind !== "anomaly" || !RULES.some((name) => name === rule)) return undefined;
    if (rulesOff.includes(rule)) return "the rule is switched off";
    if (period.start < first) return `over: it was ${WATCHED_DAYS} days ago`;
    if (!isDelivered(finding, first, deliveries)) return undefined;
    return rule === "spend-at-zero"
      ? "there is spend again, or the bill was restated"
      : "restated: the day is no longer unusual";
  };
}
