import type { AnomalyConfig } from "../../../config/types.ts";
import type { Finding, Observation } from "../../../core/finding.ts";
import { addDays, dayOf } from "../../../core/period.ts";
import type { SettledAfterDays } from "../../../ledger/settledness.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import { explainExcess } from "../attribution/explain-excess.ts";
import type { Feedback } from "../feedback/types.ts";
import type { CompletenessOf } from "../series/node-completeness.ts";
import { readLeaves } from "../series/read-leaves.ts";
import type { CreateWatch } from "../types.ts";
import { causeDays, causeIdentity, causeObservation, UNUSUAL_COST } from "./cause-observation.ts";
import { exactCosts } from "./exact-costs.ts";
import { coverage, judgeOnce, standingCauses } from "./judge-once.ts";
import { ANOMALY_MEMORY_KEY } from "./memory.ts";

/** What a watch sees of the past. */
const HISTORY_DAYS = 120;

export interface UnusualInput {
  cubeRelation: string;
  config: AnomalyConfig;
  settledAfterDays: SettledAfterDays;
  feedback: readonly Feedback[];
  completenessOf: CompletenessOf;
  createWatch: CreateWatch;
  dropsBelievedBefore?: ((provider: string) => number) | undefined;
}

export interface UnusualReport {
  observations: Observation[];
  /** In which words a finding of unusual cost ends that is not among the observations; undefined for the findings of others. */
  covers: (finding: Finding) => string | undefined;
}

/** Unusual cost at every level of the hierarchy, one observation per cause that stands. Only days that have ended are judged. */
export async function observeUnusual(
  deps: { engine: SqlEngine; store: ObjectStore },
  input: UnusualInput,
  now: Date,
): Promise<UnusualReport> {
  const end = dayOf(now);
  const { cubeRelation, config } = input;
  const table = await readLeaves(deps.engine, { cubeRelation, by: config.by, start: addDays(end, -HISTORY_DAYS), end });
  const { causes } = await judgeOnce(deps.store, ANOMALY_MEMORY_KEY, { ...input, table }, now);
  const standing = standingCauses(causes);
  const questions = standing.map(({ cause, now: alert }) => ({ ...cause, alert, days: causeDays(alert, table) }));
  const explained = await explainExcess(deps.engine, { ...input, table }, questions);
  const exact = await exactCosts(deps.engine, { ...input, by: config.by, today: end }, questions);
  const observations = standing.flatMap((one, index) => {
    const [cost, parts] = [exact[index], explained[index]];
    if (cost === undefined || parts === undefined) return [];
    return [causeObservation(one, { table, node: one.node, exact: cost, explained: parts })];
  });
  return { observations, covers: coverage(causes, UNUSUAL_COST, causeIdentity) };
}
