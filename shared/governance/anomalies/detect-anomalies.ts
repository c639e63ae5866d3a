import type { Finding, Observation } from "../../core/finding.ts";
import { addDays, dayOf } from "../../core/period.ts";
import { completenessOfDays, type LagModel, NO_LAGS } from "../../ledger/completeness/lag-model.ts";
import { settledThrough } from "../../ledger/settledness.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import { answerTo, heedFeedback } from "./feedback/heed-feedback.ts";
import { UNUSUAL_COST } from "./observe/cause-observation.ts";
import { observeHours } from "./observe/observe-hours.ts";
import { observeUnusual, type UnusualReport } from "./observe/observe-unusual.ts";
import { answeredBefore, repeatedBy, type Seen, toldLouder } from "./observe/repeated-by.ts";
import { observeRules, type RulesInput } from "./rules/observe-rules.ts";
import type { CreateWatch } from "./types.ts";

export interface DetectAnomaliesInput extends RulesInput {
  /** What is known of how late bills are; without it, what is believed of the providers in general. */
  lags?: LagModel | undefined;
  createWatch: CreateWatch;
}

export interface DetectedAnomalies {
  observations: Observation[];
  /** In which words an earlier finding ends that is not among the observations; undefined when this run did not look at it. */
  covers: (finding: Finding) => string | undefined;
}

/** From so many final days on it is known how complete a provider's newest days are. */
const LEARNT_DAYS = 14;
/** Days whose completeness matters: older ones are final. */
const UNSETTLED_DAYS = 7;

/** What is unusual and not answered by people yet. What a rule sees and the watches too is told once (`observe/repeated-by.ts`). */
export async function detectAnomalies(
  deps: { engine: SqlEngine; store: ObjectStore; clock: Pick<Clock, "evaluationNow"> },
  input: DetectAnomaliesInput,
): Promise<DetectedAnomalies> {
  const now = deps.clock.evaluationNow();
  const lateness = { completenessOf: completenessBy(input, now), dropsBelievedBefore: dropsBelievedBefore(input, now) };
  const unusual = await observeUnusual(deps, { ...input, ...lateness }, now);
  const hours = await observeHoursOf(deps, { ...input, ...lateness }, now);
  const watched = [...unusual.observations, ...hours.observations];
  const rules = await observeRules(deps.engine, input, now);
  const rulesNow = rules.observations.filter((seen) => answeredBefore(seen, input.earlier) === undefined);
  const { alone, named } = onceOnly(watched, rulesNow);
  return {
    observations: heedFeedback([...named, ...alone], input.feedback, now),
    covers: (finding) => {
      const words = unusual.covers(finding) ?? hours.covers(finding) ?? rules.covers(finding);
      if (words === undefined) return undefined;
      const told = toldAs(finding, watched, rulesNow) ?? answeredBefore(finding, input.earlier);
      return answerTo(finding, input.feedback) ?? (told === undefined ? words : `told as: ${told.title}`);
    },
  };
}

const NO_HOURS: UnusualReport = { observations: [], covers: () => undefined };

async function observeHoursOf(
  deps: { engine: SqlEngine; store: ObjectStore },
  input: DetectAnomaliesInput & Pick<Parameters<typeof observeUnusual>[1], "dropsBelievedBefore">,
  now: Date,
): Promise<UnusualReport> {
  const { hourlyRelation } = input;
  return hourlyRelation === undefined ? NO_HOURS : observeHours(deps, { ...input, hourlyRelation }, now);
}

/** Who saw the same money is named in the facts of what is told. */
function onceOnly(
  unusual: readonly Observation[],
  ofRules: readonly Observation[],
): { alone: Observation[]; named: Observation[] } {
  const told = (seen: Observation) => toldAs(seen, unusual, ofRules);
  const repeats = Map.groupBy([...unusual, ...ofRules], told);
  const named = (seen: Observation) => {
    const own = seen.evidence.facts["rules"] ?? seen.rule;
    const others = (repeats.get(seen) ?? []).map(({ rule }) => rule);
    const rules = [...new Set([own, ...others])].join(", ");
    return { ...seen, evidence: { ...seen.evidence, facts: { ...seen.evidence.facts, rules } } };
  };
  const isTold = (seen: Observation) => told(seen) === undefined;
  return { named: unusual.filter(isTold).map(named), alone: ofRules.filter(isTold).map(named) };
}

/** As what something is told that is not told by itself. */
function toldAs(seen: Seen, unusual: readonly Observation[], ofRules: readonly Observation[]): Observation | undefined {
  if (seen.rule === UNUSUAL_COST) return toldLouder(seen, ofRules);
  const cause = repeatedBy(seen, unusual);
  return cause === undefined ? undefined : (toldAs(cause, unusual, ofRules) ?? cause);
}

/** As long as little is learnt of a provider, a day that is not settled may be low because half of it is missing. */
function dropsBelievedBefore({ lags = NO_LAGS, settledAfterDays }: DetectAnomaliesInput, now: Date) {
  const today = dayOf(now);
  return (provider: string) => {
    const isLearnt = (lags.providers.get(provider)?.days ?? 0) >= LEARNT_DAYS;
    return Date.parse(isLearnt ? today : addDays(settledThrough(settledAfterDays, provider, today), 1));
  };
}

function completenessBy({ lags = NO_LAGS }: DetectAnomaliesInput, now: Date) {
  const today = dayOf(now);
  const newest = dayOf(new Date(now.getTime() - 86_400_000));
  return (provider: string, service: string) =>
    completenessOfDays(
      lags,
      { provider, service: service === "" ? undefined : service },
      { newest, today, count: UNSETTLED_DAYS },
    );
}
