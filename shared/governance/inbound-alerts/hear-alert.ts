import type { Observation } from "../../core/finding.ts";
import { canonicalJson } from "../../core/json.ts";
import { findingKey } from "../findings/finding-key.ts";
import { changeStored, type FindingDeps } from "../findings/finding-store.ts";
import { correctedFinding, observedFinding } from "../findings/next-finding.ts";
import { encodeFinding, type FindingDocument } from "../findings/schema.ts";
import { SENT } from "./alert-observation.ts";

/**
 * Makes a finding of what a cloud's message says, or brings the one it is about up to date. Messages come repeated and out of order: the
 * one that was sent last decides, whatever comes when, so every order and repetition ends in the same finding.
 * Returns the finding as it stands then.
 */
export async function hearAlert(deps: FindingDeps, seen: Observation): Promise<FindingDocument | undefined> {
  const key = findingKey(seen);
  const { before, after } = await changeStored(deps, key, (current) => heard(key, current, seen, deps.clock.now()));
  return after ?? before;
}

/**
 * What a message makes of its finding; `undefined` when nothing is to be written. One that repeats what is known only moves the time of the
 * newest message: nobody is told again. What a person closed stays closed for its period; what was quiet and comes up again is open again.
 */
function heard(
  key: string,
  before: FindingDocument | undefined,
  seen: Observation,
  now: Date,
): FindingDocument | undefined {
  if (before === undefined) return observedFinding(key, before, seen, now);
  const corrected = correctedFinding(before, seen, now);
  const [known, told] = [essence(before), essence(corrected)];
  if (compare(sentAt(seen), sentAt(before)) < 0) return undefined;
  if (before.state === "resolved" || before.state === "snoozed") {
    return sentAt(seen) === sentAt(before) ? undefined : observedFinding(key, before, seen, now);
  }
  if (sentAt(seen) === sentAt(before)) return compare(told, known) > 0 ? corrected : undefined;
  return told === known ? withSent(before, sentAt(seen)) : corrected;
}

function sentAt({ evidence }: Pick<Observation, "evidence">): string {
  return evidence.facts[SENT] ?? "";
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** What a finding tells, without counts and times. */
function essence(finding: FindingDocument): string {
  const { revision: _, updatedAt: _at, evidence, ...rest } = encodeFinding(finding);
  const { [SENT]: _sent, ...facts } = evidence.facts;
  return canonicalJson({ ...rest, evidence: { ...evidence, facts } });
}

function withSent(finding: FindingDocument, sent: string): FindingDocument {
  const { evidence } = finding;
  return { ...finding, evidence: { ...evidence, facts: { ...evidence.facts, [SENT]: sent } } };
}
