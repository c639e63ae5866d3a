import { GenOpsError } from "../../../core/errors.ts";
import type { Finding } from "../../../core/finding.ts";
import { canonicalJson } from "../../../core/json.ts";
import { addDays, type Day, daysBetween, isDay } from "../../../core/period.ts";
import { shortKey } from "../../findings/find-key.ts";
import { changeStored, type FindingDeps, readFinding } from "../../findings/finding-store.ts";
import { changed } from "../../findings/next-finding.ts";
import type { FindingDocument } from "../../findings/schema.ts";
import { changeFeedback, newestAbout } from "./feedback-store.ts";
import { releaseFinding } from "./release-finding.ts";
import type { Feedback, FeedbackKind } from "./types.ts";
import { resolutionOf } from "./words.ts";

/** A longer silence is not a plan. */
const MOST_PLANNED_DAYS = 366;

export interface FeedbackInput {
  /** Whole key of an anomaly's finding. */
  key: string;
  kind: FeedbackKind;
  /** Who, in their own words. */
  actor: string;
  /** First and last announced day; with `planned` only. `from` is by default the first day of the anomaly. */
  from?: Day | undefined;
  to?: Day | undefined;
  note?: string | undefined;
  /** Only if the finding still has this revision; otherwise `conflict`. */
  revision?: number | undefined;
}

export interface FeedbackGiven {
  feedback: Feedback;
  /** Closed by what was said. */
  finding: Finding;
}

/**
 * A person says what an anomaly was. It is kept beside the findings, closes the finding, and changes how the series is judged from the next
 * evaluation on (`sensitivityOf`, `heedFeedback`). What was said before about the same finding is replaced; saying the same again changes
 * nothing. Safe to repeat after a crash.
 */
export async function giveFeedback(deps: FindingDeps, input: FeedbackInput): Promise<FeedbackGiven> {
  const finding = await readFinding(deps, input.key);
  if (finding === undefined) throw new GenOpsError("usage", `there is no finding ${input.key}`);
  if (input.revision !== undefined && finding.revision !== input.revision) {
    throw new GenOpsError("conflict", `finding ${input.key} is at revision ${finding.revision}, not ${input.revision}`);
  }
  if (finding.kind !== "anomaly") {
    throw new GenOpsError("usage", `${input.key} is no anomaly but of the kind ${finding.kind}; use genops findings`);
  }
  const said = spokenOf(finding, input, deps.clock.now());
  const entries = await changeFeedback(deps.store, input.key, (before) => appended(before, said));
  const feedback = entries.at(-1);
  if (feedback === undefined) throw new GenOpsError("internal", `feedback about ${input.key} was not written`);
  return { feedback, finding: await inLine(deps, finding, feedback) };
}

/** Closes the finding; if meanwhile it was taken back, or something else was said, the finding follows the last word. */
async function inLine(deps: FindingDeps, finding: FindingDocument, said: Feedback): Promise<Finding> {
  const closed = await close(deps, finding, said);
  const newest = await newestAbout(deps.store, finding.key);
  if (newest === undefined || (newest.id === said.id && newest.undone === undefined)) return closed;
  if (newest.undone === undefined) return inLine(deps, finding, newest);
  return (await releaseFinding(deps, { ...said, undone: newest.undone })) ?? closed;
}

function spokenOf(finding: Finding, input: FeedbackInput, now: Date): Omit<Feedback, "id"> {
  const { since = finding.period.start } = finding.evidence.facts;
  const firstDay = isDay(since.slice(0, 10)) ? since.slice(0, 10) : finding.period.start;
  const { kind, note } = input;
  return {
    finding: finding.key,
    kind,
    scope: finding.scope,
    currency: finding.currency,
    since: firstDay,
    ...(kind === "planned" ? { planned: plannedDays(input, firstDay) } : withoutDays(input)),
    ...(note === undefined || note.trim() === "" ? {} : { note: note.trim() }),
    by: input.actor,
    at: now.toISOString(),
  };
}

function plannedDays({ from, to }: FeedbackInput, since: Day): { start: Day; end: Day } {
  for (const day of [from, to]) {
    if (day !== undefined && !isDay(day)) throw new GenOpsError("usage", `not a day: "${day}"; use 2024-09-30`);
  }
  if (to === undefined) throw new GenOpsError("usage", "planned needs its last day: --to 2024-09-30");
  const start = from ?? since;
  const end = addDays(to, 1);
  if (start >= end) throw new GenOpsError("usage", `the plan ends on ${to}, before it begins on ${start}`);
  if (daysBetween(start, end) > MOST_PLANNED_DAYS) {
    throw new GenOpsError("usage", `a plan of more than ${MOST_PLANNED_DAYS} days; say expected instead`);
  }
  return { start, end };
}

function withoutDays({ kind, from, to }: FeedbackInput): Record<never, never> {
  if (from === undefined && to === undefined) return {};
  throw new GenOpsError("usage", `${kind} takes no days; only planned has --from and --to`);
}

function appended(before: readonly Feedback[], said: Omit<Feedback, "id">): Feedback[] | undefined {
  const last = before.at(-1);
  if (last !== undefined && last.undone === undefined && isSame(last, said)) return undefined;
  const undone = { by: said.by, at: said.at };
  const earlier = before.map((one) => (one.undone === undefined ? { ...one, undone } : one));
  return [...earlier, { ...said, id: `${shortKey(said.finding)}-${before.length + 1}` }];
}

/** The same person's or another's: one finding is called wrong once, however many say so. */
function isSame(a: Feedback, b: Omit<Feedback, "id">): boolean {
  const meaning = ({ kind, planned, note }: Omit<Feedback, "id">) =>
    canonicalJson({ kind, planned: planned ?? null, note: kind === "wrong" ? null : (note ?? null) });
  return meaning(a) === meaning(b);
}

async function close(deps: FindingDeps, finding: FindingDocument, said: Feedback): Promise<Finding> {
  const resolution = resolutionOf(said);
  const { before, after } = await changeStored(deps, finding.key, (current) => {
    if (current === undefined || (current.actor === said.by && current.resolution === resolution)) return undefined;
    const { snoozedUntil, ...rest } = current;
    const now = deps.clock.now();
    const fields = { state: "resolved", resolution, resolvedAt: now.toISOString(), actor: said.by } as const;
    return changed(rest, fields, ["genops.finding.resolved"], now);
  });
  return after ?? before ?? finding;
}
