import { parseDecimal } from "../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import type { Finding } from "../../../shared/core/finding.ts";
import { feedbackOn } from "../../../shared/governance/anomalies/feedback/sensitivity.ts";
import type { Feedback } from "../../../shared/governance/anomalies/feedback/types.ts";
import { effectText } from "../../../shared/governance/anomalies/feedback/words.ts";
import { findKey, shortKey } from "../../../shared/governance/findings/find-key.ts";
import { findingJson } from "../../../shared/governance/findings/finding-json.ts";
import { readFinding } from "../../../shared/governance/findings/finding-store.ts";
import {
  type AnomalyView,
  anomalyView,
  costText,
  expectedText,
  feedbackHint,
  rangeText,
} from "../../../shared/interfaces/anomaly-view.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { describeFinding } from "../../../shared/interfaces/notifications/finding-text.ts";
import type { ObjectStore } from "../../../shared/ports/object-store.ts";
import type { Output } from "../output.ts";

/** The anomaly that a key means; `usage` when there is none, or when it is a finding of another kind. */
export async function findAnomaly(deps: { store: ObjectStore }, given: string): Promise<Finding> {
  const key = await findKey(deps, given);
  const finding = await readFinding(deps, key);
  if (finding?.kind === "anomaly") return finding;
  throw new GenOpsError(
    "usage",
    `${key} is no anomaly but of the kind ${finding?.kind ?? "none"}; see genops findings`,
  );
}

export type AnomalyJson = ReturnType<typeof findingJson> & { anomaly: AnomalyView };

/** One anomaly as `genops anomalies --format json` has it: the finding, and what its evidence says taken apart. */
export function anomalyJson(finding: Finding): AnomalyJson {
  return { ...findingJson(finding), anomaly: anomalyView(finding) };
}

/** `genops anomalies`: a line each, with what was expected and a month of history. */
export function printAnomalies(out: Output, anomalies: readonly Finding[]): void {
  if (anomalies.length === 0) {
    out.line("No unusual cost.");
    return;
  }
  out.table(
    [
      { title: "level", whole: true, leaveOut: 4 },
      { title: "state", whole: true, leaveOut: 3 },
      { title: "since", whole: true },
      { title: "what", minWidth: 25 },
      { title: "excess", align: "right", leaveOut: 5 },
      { title: "expected", align: "right", leaveOut: 1 },
      { title: "history", whole: true, leaveOut: 2 },
      { title: "key", whole: true },
    ],
    anomalies.map((finding) => {
      const { since, total, expected: ofDay, history } = anomalyView(finding);
      const expected = total?.expected ?? ofDay;
      return [
        finding.level,
        finding.state,
        since,
        finding.title,
        formatMoney(finding.amount, finding.currency),
        expected === undefined ? "–" : formatMoney(parseDecimal(expected), finding.currency),
        history?.sparkline ?? "",
        shortKey(finding.key),
      ];
    }),
  );
  out.line("\ngenops anomalies --explain KEY says why; genops anomalies feedback KEY expected|planned|wrong answers.");
}

/** `genops anomalies --explain KEY`, for programs: with what would settle it and what people have said about its series. */
export function explanationJson(finding: Finding, feedback: readonly Feedback[], now: Date) {
  return {
    ...anomalyJson(finding),
    contributors: describeFinding(finding).contributors.map(({ label, value }) => ({ what: label, amount: value })),
    settles: settlesText(finding),
    feedback: aboutSeries(finding, feedback).map((said) => ({ ...said, effect: effectText(said, now) })),
  };
}

/** The same for people. */
export function printExplanation(out: Output, finding: Finding, feedback: readonly Feedback[], now: Date): void {
  const view = anomalyView(finding);
  const { currency } = finding;
  const words = describeFinding(finding);
  out.line(`${words.symbol} ${words.status}: ${words.title}`);
  out.line();
  const lines: [string, string | undefined][] = [
    ["Expected", expectedText(view, currency)],
    ["Usual", rangeText(view, currency)],
    ["Actual", costText(view, currency)],
    ["Excess", formatMoney(finding.amount, currency)],
    ["Since", view.since],
    ["Scope", words.rows.find(({ label }) => label === "Scope")?.value],
    ["Seen by", seenBy(view)],
  ];
  for (const [label, value] of lines) if (value !== undefined) out.line(`  ${label.padEnd(10)}${value}`);
  if (view.history !== undefined) {
    out.line(`  ${"History".padEnd(10)}${view.history.sparkline}  ${view.history.start} to ${view.history.end}`);
  }
  if (words.contributors.length > 0) {
    out.line("\nWhat makes it");
    out.table(
      [
        { title: "what", minWidth: 20 },
        { title: "amount (share of the excess)", align: "right" },
        { title: "surprise", align: "right", leaveOut: 1 },
      ],
      words.contributors.map(({ label, value }, index) => [label, value, surpriseText(finding, index)]),
    );
  }
  out.line(`\nWhat settles it: ${settlesText(finding)}`);
  const said = aboutSeries(finding, feedback);
  out.line(said.length === 0 ? "Nobody has said anything about this series." : "Said about this series:");
  for (const one of said) out.line(`  ${one.id}  ${effectText(one, now)}`);
  if (finding.state !== "resolved") out.line(`\nWas it expected?  ${feedbackHint(finding)}`);
}

/** How far a contributor's share of the whole has changed, of the most that it could; `surprise` holds thousandths. */
function surpriseText({ evidence }: Finding, index: number): string {
  const thousandths = Number(evidence.facts["surprise"]?.split(",")[index] ?? Number.NaN);
  return Number.isFinite(thousandths) ? `${thousandths / 10} %` : "";
}

function seenBy({ rules, channel, score }: AnomalyView): string {
  const how = [channel, score === undefined ? undefined : `score ${score}`].filter((part) => part !== undefined);
  return how.length === 0 ? rules.join(", ") : `${rules.join(", ")} (${how.join(", ")})`;
}

function aboutSeries(finding: Finding, feedback: readonly Feedback[]): Feedback[] {
  return feedbackOn(feedback, { scope: finding.scope, currency: finding.currency });
}

/** When the finding will end without anybody's doing. */
function settlesText(finding: Finding): string {
  if (finding.state === "resolved") return `it is closed: ${finding.resolution ?? "no longer true"}`;
  const isSettled = finding.evidence.settledShare === "1";
  const restated = isSettled
    ? "a restated bill that explains it; its days are settled, so that is unlikely"
    : `a restated bill that explains it: ${percent(finding.evidence.settledShare)} of its cost is settled so far`;
  return `${restated}; a week back to the usual; or what you say about it`;
}

function percent(share: string): string {
  return `${Math.round(Number(share) * 100)} %`;
}
