import { needText, progressText } from "../../../clusters/enforcement/approvals/plan-records.ts";
import type { PlanRecord, PlanState } from "../../../clusters/enforcement/approvals/types.ts";
import type { LeftOut, Plan, Rung, Step, Want } from "../../../clusters/enforcement/types.ts";
import { cleanText } from "../clean-text.ts";
import { amountText, periodText, scopeText, type TextRow } from "../finding-text.ts";
import { stepText } from "./step-text.ts";

/** What Slack says about a plan, cleaned but not escaped. */
export interface PlanText {
  /** `🔔 Approve? Block: 4 changes in prod of aws-cluster`. */
  headline: string;
  /** One sentence about where it is in its life. */
  status: string;
  /** Why it is wanted, one sentence per want. */
  why: string[];
  rows: TextRow[];
  /** The diff, one line per step. */
  steps: string[];
  moreSteps: number;
  leftOut: string[];
  warnings: string[];
  notes: string[];
}

const SHOWN_STEPS = 12;
const SHOWN_REASONS = 3;
const SHOWN_WANTS = 4;
const SHOWN_REMARKS = 5;

const SYMBOLS: Readonly<Record<PlanState, string>> = {
  waiting: "🔔",
  approved: "👍",
  rejected: "🚫",
  snoozed: "💤",
  expired: "⌛",
  applying: "▶️",
  applied: "✅",
  restored: "↩️",
  contested: "⚠️",
  failed: "❌",
};

const WORDS: Readonly<Record<PlanState, string>> = {
  waiting: "Approve?",
  approved: "Approved:",
  rejected: "Rejected:",
  snoozed: "Snoozed:",
  expired: "Expired:",
  applying: "Being applied:",
  applied: "Applied:",
  restored: "Restored:",
  contested: "Contested:",
  failed: "Failed:",
};

const VERBS: Readonly<Record<Rung, string>> = {
  freeze: "Freeze growth",
  throttle: "Throttle",
  block: "Block",
  human: "Change by hand",
};

export function describePlan(record: PlanRecord): PlanText {
  const { plan, state } = record;
  const dry = plan.needs.mode === "dry-run";
  const word = dry && state === "waiting" ? "Dry run:" : WORDS[state];
  return {
    headline: cleanText(`${dry && state === "waiting" ? "📝" : SYMBOLS[state]} ${word} ${deedText(plan)}`),
    status: cleanText(statusText(record)),
    why: plan.wants.slice(0, SHOWN_WANTS).map(whyText),
    rows: rowsOf(plan),
    steps: plan.steps.slice(0, SHOWN_STEPS).map((step) => stepText(step, plan.currency)),
    moreSteps: Math.max(0, plan.steps.length - SHOWN_STEPS),
    leftOut: leftOutTexts(plan.leftOut),
    warnings: warningsOf(plan),
    notes: [`Plan ${plan.hash}`, `Asked for by ${record.requesters.join(", ")}`].map(cleanText),
  };
}

/** `Block: 4 changes in prod of aws-cluster`, by the strongest rung of its steps. */
function deedText({ steps, cluster }: Plan): string {
  const rung = (["human", "block", "throttle", "freeze"] as const).find((each) => steps.some((s) => s.rung === each));
  const environments = [...new Set(steps.map(({ environment }) => environment))].join(", ");
  const what = steps.length === 1 ? (steps[0]?.subject ?? "") : `${steps.length} changes`;
  return `${VERBS[rung ?? "throttle"]}: ${what} in ${environments || "no environment"} of ${cluster}`;
}

function statusText({ plan, state, detail, until, progress }: PlanRecord): string {
  const because = detail === undefined ? "" : `, ${detail}`;
  switch (state) {
    case "waiting":
      return plan.needs.mode === "dry-run"
        ? "Nothing is done: enforcement.mode is dry-run here."
        : `Waits for ${needText(plan)}${because}; until then nothing is done. It lapses at ${instantText(plan.expiresAt)}.`;
    case "approved":
      return `${detail === undefined ? "Needs no approval" : capital(detail)}. It begins with the next run.`;
    case "rejected":
      return `Rejected ${detail ?? ""}. Nothing is done, and it is not asked again before ${instantText(until ?? "")}.`;
    case "snoozed":
      return `Snoozed ${detail ?? ""}. Nothing is done; it is asked again at ${instantText(until ?? "")}.`;
    case "expired":
      return `Nobody approved it in time, so nothing was done. A new plan follows if it is still needed.`;
    case "applying":
    case "applied":
      return `${capital(state)}${progressText(progress)}${because}. Everything is put back by itself when the reason is gone, or now by: genops enforce restore`;
    case "restored":
      return `Everything is as it was before${detail?.startsWith("but ") ? ` ${detail}` : because}.`;
    case "contested":
      return `Somebody else changed it back, so GenOps stopped${because}.`;
    case "failed":
      return `It could not be carried out wholly${progressText(progress)}${because}.`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `Budget team/ml (period 2026-11) wants team ml throttled.` */
function whyText({ budget, policy, action, scopes, period }: Want): string {
  const who = budget === undefined ? `Policy ${policy}` : `Budget ${budget}`;
  const what = scopes.length === 0 ? "all costs" : scopes.slice(0, SHOWN_REASONS).map(scopeText).join("; ");
  return cleanText(`${who} (${periodText(period)}) wants to ${action}: ${what}`);
}

function rowsOf(plan: Plan): TextRow[] {
  const ends = plan.wants.map(({ period }) => period.end).sort();
  const pods = plan.steps.reduce((sum, step) => sum + step.pods, 0);
  const row = (label: string, value: string): TextRow => ({ label, value: cleanText(value), fixed: true });
  return [
    row("Saves per hour", amountText(plan.savesPerHour, plan.currency)),
    row(`Saves until ${ends.at(-1) ?? "the end"}`, amountText(plan.savesUntilEnd, plan.currency)),
    row("Pods that go", String(pods)),
    row("Put back", returnText(plan)),
    row("Left alone", plan.leftOut.length === 0 ? "nothing" : `${plan.leftOut.length}, see below`),
  ];
}

function returnText({ steps }: Plan): string {
  const forEver = steps.filter(({ reversible }) => !reversible).length;
  const last = steps
    .map(({ expiresAt }) => expiresAt)
    .sort()
    .at(-1);
  if (forEver > 0) return `not ${forEver} of ${steps.length}, see below`;
  return last === undefined ? "nothing to put back" : `all of it, at the latest ${instantText(last)}`;
}

/** The same reason many times is one line. */
function leftOutTexts(leftOut: readonly LeftOut[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { subject, reason } of leftOut) byReason.set(reason, [...(byReason.get(reason) ?? []), subject]);
  const lines = [...byReason].map(([reason, subjects]) => {
    const more = subjects.length > SHOWN_REASONS ? ` and ${subjects.length - SHOWN_REASONS} more` : "";
    return cleanText(`${subjects.slice(0, SHOWN_REASONS).join(", ")}${more}: ${reason}`);
  });
  return lines.length > SHOWN_REASONS
    ? [...lines.slice(0, SHOWN_REASONS), `and ${lines.length - SHOWN_REASONS} more reasons`]
    : lines;
}

function warningsOf({ steps, remarks }: Plan): string[] {
  const forEver = steps.filter(({ reversible }) => !reversible);
  const texts = forEver.map(({ subject, reverse }) => `⚠️ ${subject}: ${reverse}`);
  const all = [...texts, ...remarks, ...stepRemarks(steps)].map(cleanText).filter((text) => text !== "");
  return all.length > SHOWN_REMARKS
    ? [...all.slice(0, SHOWN_REMARKS), `and ${all.length - SHOWN_REMARKS} more remarks`]
    : all;
}

/** `Deployment ml/trainer and 2 more: jobs in it lose their work`. */
function stepRemarks(steps: readonly Step[]): string[] {
  const remarks = [...new Set(steps.flatMap((step) => step.remarks))];
  return remarks.map((remark) => {
    const about = steps.filter((step) => step.remarks.includes(remark));
    const more = about.length > 1 ? ` and ${about.length - 1} more` : "";
    return `${about[0]?.subject ?? ""}${more}: ${remark}`;
  });
}

/** `2026-11-22 09:00 UTC` */
export function instantText(instant: string): string {
  const time = Date.parse(instant);
  return Number.isNaN(time) ? cleanText(instant) : `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
