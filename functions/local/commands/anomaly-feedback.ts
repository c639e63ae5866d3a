import { GenOpsError } from "../../../shared/core/errors.ts";
import type { FeedbackGiven } from "../../../shared/governance/anomalies/feedback/give-feedback.ts";
import type { Feedback, FeedbackKind } from "../../../shared/governance/anomalies/feedback/types.ts";
import type { FeedbackUndone } from "../../../shared/governance/anomalies/feedback/undo-feedback.ts";
import { effectText } from "../../../shared/governance/anomalies/feedback/words.ts";
import type { Output } from "../output.ts";

export interface FeedbackOptions {
  by: string;
  from?: string | undefined;
  to?: string | undefined;
  note?: string | undefined;
}

const KINDS = ["expected", "planned", "wrong"] as const;

export function feedbackKind(text: string | undefined): FeedbackKind {
  const kind = KINDS.find((one) => one === text);
  if (kind === undefined) throw new GenOpsError("usage", `"${text ?? ""}": say ${KINDS.join(", ")}`);
  return kind;
}

export function printGiven(out: Output, { feedback, finding }: FeedbackGiven, now: Date): void {
  out.line(`${finding.key} is ${finding.state}.`);
  out.line(`${effectText(feedback, now)}.`);
  out.line(`Take it back with genops anomalies feedback undo ${feedback.id}`);
}

export function printUndone(out: Output, { feedback, finding }: FeedbackUndone): void {
  out.line(`${feedback.id} is taken back.`);
  if (finding?.actor === undefined) out.line("The next evaluation opens the finding again if it is still true.");
}

/** Everything that was said, the newest first. */
export function printFeedback(out: Output, feedback: readonly Feedback[], now: Date): void {
  if (feedback.length === 0) {
    out.line("Nobody has said anything about an anomaly.");
    return;
  }
  out.table(
    [
      { title: "id", whole: true },
      { title: "said", whole: true, leaveOut: 2 },
      { title: "what", minWidth: 30 },
      { title: "note", leaveOut: 1 },
      { title: "in force", whole: true },
    ],
    feedback.map((said) => [
      said.id,
      said.at.slice(0, 10),
      effectText(said, now),
      said.note ?? "",
      said.undone === undefined ? "yes" : `no, ${said.undone.by}`,
    ]),
  );
}

/** A line of `--format json` and csv. */
export function feedbackJson(said: Feedback, now: Date) {
  return { ...said, inForce: said.undone === undefined, effect: effectText(said, now) };
}
