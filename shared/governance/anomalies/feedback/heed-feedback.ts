import { ZERO } from "../../../core/decimal.ts";
import type { Observation } from "../../../core/finding.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { amountInside } from "./amount-inside.ts";
import { contains, feedbackOn } from "./sensitivity.ts";
import type { Feedback } from "./types.ts";
import { effectText, resolutionOf } from "./words.ts";

/** A level that was called expected is not told again within these days: as long as any alert is silent. */
const SILENT_DAYS = 7;

/**
 * What is left to tell people after what they have said, with the feedback in force among the facts. Held back is an anomaly
 * - of the same series or one below it, on a day that was planned, or within a week from the day since when it is expected; below it only
 *   what had begun by the day on which it was said, since nobody meant what came later;
 * - of another series, such as one above it, when at least half of its excess is what was said to be so here: otherwise the same money
 *   would come back one level up. The series above stays watched for everything else.
 */
export function heedFeedback(
  observations: readonly Observation[],
  feedback: readonly Feedback[],
  now: Date,
): Observation[] {
  const inForce = feedback.filter(({ undone }) => undone === undefined);
  return observations
    .filter((seen) => seen.kind !== "anomaly" || !inForce.some((said) => settles(said, seen)))
    .map((seen) => (seen.kind === "anomaly" ? withFeedback(seen, inForce, now) : seen));
}

/** What was said that answers this anomaly, in the words in which its finding ends; undefined when nothing does. */
export function answerTo(seen: Observation, feedback: readonly Feedback[]): string | undefined {
  const said = feedback.find((one) => one.undone === undefined && settles(one, seen));
  return said === undefined ? undefined : resolutionOf(said);
}

/** Whether what was said already answers this anomaly. */
function settles(said: Feedback, seen: Observation): boolean {
  if (said.currency !== seen.currency || !isSpokenFor(said, seen.period.start)) return false;
  if (isUnforeseen(said, seen)) return false;
  if (contains(said.scope, seen.scope)) return true;
  return seen.amount > ZERO && amountInside(said.scope, seen) * 2n >= seen.amount;
}

/** In a part of what is expected, and later than what was said. */
function isUnforeseen({ kind, scope, at }: Feedback, seen: Observation): boolean {
  return kind === "expected" && !contains(seen.scope, scope) && seen.period.start > at.slice(0, 10);
}

function isSpokenFor({ kind, planned, since }: Feedback, day: Day): boolean {
  if (kind === "planned") return planned !== undefined && day >= planned.start && day < planned.end;
  return kind === "expected" && day >= since && day < addDays(since, SILENT_DAYS);
}

function withFeedback(seen: Observation, inForce: readonly Feedback[], now: Date): Observation {
  const said = feedbackOn(inForce, seen).map((one) => effectText(one, now));
  if (said.length === 0) return seen;
  const facts = { ...seen.evidence.facts, feedback: said.join("; ") };
  return { ...seen, evidence: { ...seen.evidence, facts } };
}
