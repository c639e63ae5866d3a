import type { AnomalyConfig } from "../../../config/types.ts";
import { formatDecimal } from "../../../core/decimal.ts";
import { GenOpsError } from "../../../core/errors.ts";
import type { Finding, Observation, Scope } from "../../../core/finding.ts";
import { addDays, dayOf } from "../../../core/period.ts";
import { readDocument, writeDocument } from "../../../ledger/json-document.ts";
import type { SettledAfterDays } from "../../../ledger/settledness.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import { findingKey } from "../../findings/finding-key.ts";
import { explainExcess } from "../attribution/explain-excess.ts";
import { sensitivityOf } from "../feedback/sensitivity.ts";
import type { Feedback } from "../feedback/types.ts";
import type { CompletenessOf } from "../series/node-completeness.ts";
import { readLeaves } from "../series/read-leaves.ts";
import type { LeafTable, SeriesNode } from "../series/types.ts";
import type { CreateWatch, Sensitivity } from "../types.ts";
import { causeDays, causeIdentity, causeObservation, UNUSUAL_COST } from "./cause-observation.ts";
import { exactCosts } from "./exact-costs.ts";
import { type CauseNow, type Judgement, judgeSeries } from "./judge-series.ts";
import { ANOMALY_MEMORY_KEY, AnomalyMemory } from "./memory.ts";

/** What a watch sees of the past. */
const HISTORY_DAYS = 120;
const MAX_ATTEMPTS = 10;

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
  const { causes } = await judgeOnce(deps.store, table, input, now);
  const standing = causes.flatMap((one) =>
    one.state === "stands" && one.node !== undefined ? [{ ...one, node: one.node }] : [],
  );
  const questions = standing.map(({ cause, now: alert }) => ({ ...cause, alert, days: causeDays(alert, table) }));
  const explained = await explainExcess(deps.engine, { ...input, table }, questions);
  const exact = await exactCosts(deps.engine, { ...input, by: config.by, today: end }, questions);
  const observations = standing.flatMap((one, index) => {
    const [cost, parts] = [exact[index], explained[index]];
    if (cost === undefined || parts === undefined) return [];
    return [causeObservation(one, { table, node: one.node, exact: cost, explained: parts })];
  });
  return { observations, covers: coverage(causes) };
}

/** Judges and keeps what must be remembered. Whoever finds that another was first judges again from what is remembered then. */
async function judgeOnce(store: ObjectStore, table: LeafTable, input: UnusualInput, now: Date): Promise<Judgement> {
  const sensitivity = sensitivities(input, now);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const read = await readDocument(store, ANOMALY_MEMORY_KEY, AnomalyMemory);
    const judgement = judgeSeries({ ...input, table, sensitivityOf: sensitivity, memory: read?.value });
    if (await writeDocument(store, ANOMALY_MEMORY_KEY, AnomalyMemory, judgement.memory, read)) return judgement;
  }
  const place = { file: ANOMALY_MEMORY_KEY };
  throw new GenOpsError("conflict", "what is known of anomalies is changed by others all the time", {
    place,
    retryable: true,
  });
}

function sensitivities({ config, feedback }: UnusualInput, now: Date): (node: SeriesNode) => Sensitivity {
  const base = {
    falseAlertsPer90Days: config.falseAlertsPer90Days,
    floor: Number(formatDecimal(config.floor)),
    planned: [],
    newLevels: [],
    caution: 1,
  };
  if (feedback.length === 0) return () => base;
  return ({ keys, currency }) => ({ ...base, ...sensitivityOf(feedback, { scope: scopeOf(keys), currency }, now) });
}

function scopeOf(keys: SeriesNode["keys"]): Scope {
  return Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]]));
}

const UNWATCHED = "this series is no longer watched";
const ENDINGS: Readonly<Record<CauseNow["state"], string | undefined>> = {
  stands: UNWATCHED,
  ahead: undefined,
  vanished: "restated: the day is no longer unusual",
  over: "over: the cost is back in its range",
  "new-level": "the new level has lasted: it is what is expected now",
};

function coverage(causes: readonly CauseNow[]): UnusualReport["covers"] {
  const byKey = new Map(causes.map((one) => [findingKey(causeIdentity(one.cause)), one]));
  return ({ kind, rule, key }) => {
    if (kind !== "anomaly" || rule !== UNUSUAL_COST) return undefined;
    const one = byKey.get(key);
    return one === undefined || (one.node === undefined && one.state !== "ahead") ? UNWATCHED : ENDINGS[one.state];
  };
}
