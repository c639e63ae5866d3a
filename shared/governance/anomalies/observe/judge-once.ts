import type { AnomalyConfig } from "../../../config/types.ts";
import { formatDecimal } from "../../../core/decimal.ts";
import { GenOpsError } from "../../../core/errors.ts";
import type { Finding, Scope } from "../../../core/finding.ts";
import { readDocument, writeDocument } from "../../../ledger/json-document.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import { type FindingIdentity, findingKey } from "../../findings/finding-key.ts";
import { sensitivityOf } from "../feedback/sensitivity.ts";
import type { Feedback } from "../feedback/types.ts";
import type { SeriesNode } from "../series/types.ts";
import type { Sensitivity } from "../types.ts";
import { type CauseNow, type Judgement, judgeSeries } from "./judge-series.ts";
import { AnomalyMemory, type ToldCause } from "./memory.ts";
import type { JudgeInput } from "./watch-series.ts";

const MAX_ATTEMPTS = 10;

export interface JudgeOnceInput extends Omit<JudgeInput, "sensitivityOf" | "memory"> {
  config: AnomalyConfig;
  feedback: readonly Feedback[];
}

/**
 * Judges and keeps under `key` what must be remembered. Whoever finds that another was first judges again from what is remembered then.
 * Where there is nothing to watch and nothing is remembered, nothing is written.
 */
export async function judgeOnce(store: ObjectStore, key: string, input: JudgeOnceInput, now: Date): Promise<Judgement> {
  const sensitivity = sensitivities(input, now);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const read = await readDocument(store, key, AnomalyMemory);
    const judgement = judgeSeries({ ...input, sensitivityOf: sensitivity, memory: read?.value });
    const isNothing = read === undefined && input.table.leaves.length === 0;
    if (isNothing || (await writeDocument(store, key, AnomalyMemory, judgement.memory, read))) return judgement;
  }
  throw new GenOpsError("conflict", "what is known of anomalies is changed by others all the time", {
    place: { file: key },
    retryable: true,
  });
}

function sensitivities({ config, feedback }: JudgeOnceInput, now: Date): (node: SeriesNode) => Sensitivity {
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

/** In which words a finding of this rule ends that is not observed any more; undefined for the findings of others. */
export function coverage(
  causes: readonly CauseNow[],
  ofRule: string,
  identityOf: (cause: ToldCause) => FindingIdentity,
): (finding: Finding) => string | undefined {
  const byKey = new Map(causes.map((one) => [findingKey(identityOf(one.cause)), one]));
  return ({ kind, rule, key }) => {
    if (kind !== "anomaly" || rule !== ofRule) return undefined;
    const one = byKey.get(key);
    return one === undefined || (one.node === undefined && one.state !== "ahead") ? UNWATCHED : ENDINGS[one.state];
  };
}

/** A cause that stands, with its series. */
export type StandingCause = CauseNow & { node: SeriesNode };

export function standingCauses(causes: readonly CauseNow[]): StandingCause[] {
  return causes.flatMap((one) =>
    one.state === "stands" && one.node !== undefined ? [{ ...one, node: one.node }] : [],
  );
}
