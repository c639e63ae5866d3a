import { abs, type Decimal, formatDecimal, formatFixed, tryParseDecimal } from "../../core/decimal.ts";
import type { Contributor, Finding, FindingLevel, FindingState, RelatedBudget, Scope } from "../../core/finding.ts";
import { addDays, isDay, monthDays, monthOf } from "../../core/period.ts";
import { anomalyRows, feedbackHint, isAnomaly, otherFacts } from "../anomaly-view.ts";
import { factText } from "../fact-text.ts";
import { cleanText } from "./clean-text.ts";

/** A line of two parts. `fixed`: the label is ours; otherwise it comes from outside, as every value does. */
export interface TextRow {
  label: string;
  value: string;
  fixed: boolean;
}

/**
 * What every channel says about a finding, cleaned (`cleanText`) but not escaped: that is the channel's own business.
 */
export interface FindingText {
  /** `Critical`, `Resolved`, `Acknowledged`, `Snoozed`. */
  status: string;
  symbol: string;
  title: string;
  /** `1,234.56 USD, 2024-09`. */
  summary: string;
  rows: TextRow[];
  contributors: TextRow[];
  /** How many contributors are not listed. */
  moreContributors: number;
  /** `throttle team ml; team web`. */
  wanted: string[];
  waitsFor: string;
  /** A command that answers it; empty where there is nothing to say. */
  hint: string;
  notes: string[];
}

const LEVELS: Readonly<Record<FindingLevel, { word: string; symbol: string }>> = {
  info: { word: "Info", symbol: "🔵" },
  warning: { word: "Warning", symbol: "🟠" },
  critical: { word: "Critical", symbol: "🔴" },
};

const STATES: Readonly<Record<Exclude<FindingState, "open">, { word: string; symbol: string }>> = {
  acknowledged: { word: "Acknowledged", symbol: "👀" },
  snoozed: { word: "Snoozed", symbol: "💤" },
  resolved: { word: "Resolved", symbol: "✅" },
};

const SHOWN_CONTRIBUTORS = 5;
const SHOWN_FACTS = 8;
const SHOWN_TARGETS = 3;

/** The words for a finding that Slack, e-mail and the terminal share. */
export function describeFinding(finding: Finding): FindingText {
  const { word, symbol } = finding.state === "open" ? LEVELS[finding.level] : STATES[finding.state];
  const contributors = finding.evidence.contributors;
  return {
    status: word,
    symbol,
    title: cleanText(finding.title) || "Untitled finding",
    summary: `${amountText(finding.amount, finding.currency)}, ${periodText(finding.period)}`,
    rows: rowsOf(finding),
    contributors: contributors.slice(0, SHOWN_CONTRIBUTORS).map((part) => contributorRow(part, finding)),
    moreContributors: Math.max(0, contributors.length - SHOWN_CONTRIBUTORS),
    wanted: finding.wantedActions.filter(({ action }) => action !== "notify").map(wantedText),
    waitsFor: cleanText(finding.evidence.waitsFor),
    hint: isAnomaly(finding) && finding.state !== "resolved" ? cleanText(feedbackHint(finding)) : "",
    notes: notesOf(finding),
  };
}

function rowsOf(finding: Finding): TextRow[] {
  const rows: TextRow[] = [
    fixedRow("Amount", amountText(finding.amount, finding.currency)),
    fixedRow("Period", periodText(finding.period)),
    fixedRow("Scope", scopeText(finding.scope)),
  ];
  if (finding.related !== undefined) rows.push(fixedRow("Our budget", relatedText(finding.related)));
  if (finding.state === "open") return [...rows, ...factRows(finding)];
  rows.push(fixedRow("Level", LEVELS[finding.level].word));
  if (finding.actor !== undefined) rows.push(fixedRow("By", finding.actor));
  if (finding.resolution !== undefined) rows.push(fixedRow("Why", finding.resolution));
  if (finding.state === "snoozed" && finding.snoozedUntil !== undefined)
    rows.push(fixedRow("Until", finding.snoozedUntil));
  return [...rows, ...factRows(finding)];
}

function relatedText({ budget, finding }: RelatedBudget): string {
  return finding === undefined ? `${budget}, nothing found` : `${budget}, finding ${finding}`;
}

function fixedRow(label: string, value: string): TextRow {
  return { label, value: cleanText(value), fixed: true };
}

function factRows(finding: Finding): TextRow[] {
  if (!isAnomaly(finding)) return plainFacts(finding, Object.entries(finding.evidence.facts));
  const rows = anomalyRows(finding).map(({ label, value, fixed }) => ({ label, value: cleanText(value), fixed }));
  return [...rows, ...plainFacts(finding, otherFacts(finding.evidence.facts))];
}

function plainFacts(finding: Finding, facts: readonly (readonly [string, string])[]): TextRow[] {
  return facts.slice(0, SHOWN_FACTS).map(([name, value]) => ({
    label: factLabel(name),
    value: cleanText(factText(name, value, finding.currency)),
    fixed: false,
  }));
}

/** `runRate` → `Run rate`. */
function factLabel(name: string): string {
  const words = cleanText(name)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function contributorRow(part: Contributor, finding: Finding): TextRow {
  const label = Object.entries(part.keys)
    .map(([dimension, value]) =>
      value === "" ? `no ${cleanText(dimension)}` : `${cleanText(dimension)} ${cleanText(value)}`,
    )
    .join(", ");
  const share = shareText(part.amount, finding.amount);
  const amount = amountText(part.amount, finding.currency);
  return { label: label || "everything else", value: share === "" ? amount : `${amount} (${share})`, fixed: false };
}

function shareText(part: Decimal, whole: Decimal): string {
  if (whole <= 0n || part < 0n) return "";
  const percent = (part * 100n + whole / 2n) / whole;
  return percent > 100n ? "" : `${percent} %`;
}

function wantedText({ action, targets }: Finding["wantedActions"][number]): string {
  const shown = targets.slice(0, SHOWN_TARGETS).map(scopeText).join("; ");
  const more = targets.length > SHOWN_TARGETS ? `; and ${targets.length - SHOWN_TARGETS} more` : "";
  return shown === "" ? action : `${action} ${shown}${more}`;
}

function notesOf(finding: Finding): string[] {
  const notes = [`Settled: ${percentText(finding.evidence.settledShare)}`, `Opened ${finding.openedAt}`];
  if (finding.resolvedAt !== undefined) notes.push(`Resolved ${finding.resolvedAt}`);
  const names = finding.recipients.filter((name) => !name.includes("@"));
  if (names.length > 0) notes.push(`For ${names.slice(0, SHOWN_TARGETS).join(", ")}`);
  return [...notes, `Key ${finding.key}`].map(cleanText);
}

function percentText(share: string): string {
  const value = tryParseDecimal(share);
  return value === undefined ? share : `${formatFixed((value * 100n) as Decimal, 0)} %`;
}

/** `1,234.56 USD`; amounts below a cent keep six digits. */
export function amountText(amount: Decimal, currency: string): string {
  const tiny = amount !== 0n && formatFixed(abs(amount), 2) === "0.00";
  const plain = tiny ? tinyText(amount) : formatFixed(amount, 2);
  const [whole = "", fraction = ""] = plain.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped}${fraction === "" ? "" : `.${fraction}`} ${cleanText(currency)}`.trim();
}

function tinyText(amount: Decimal): string {
  const six = formatFixed(amount, 6);
  return /[1-9]/.test(six) ? six : formatDecimal(amount);
}

/** `2024-09`, `2024-09-01`, or `2024-09-01 to 2024-09-07`, the last day included. */
export function periodText({ start, end }: Finding["period"]): string {
  if (!isDay(start) || !isDay(end)) return cleanText(`${start} to ${end}`);
  const month = monthOf(start);
  const days = monthDays(month);
  if (days.start === start && days.end === end) return month;
  const last = addDays(end, -1);
  return last === start ? start : `${start} to ${last}`;
}

function valueText(value: string): string {
  return value === "" ? "none" : cleanText(value);
}

/** `provider aws; team ml, web`, or `all costs`. */
export function scopeText(scope: Scope): string {
  const parts = Object.entries(scope).map(
    ([dimension, values]) =>
      `${cleanText(dimension)} ${values.slice(0, 10).map(valueText).join(", ")}${values.length > 10 ? ", …" : ""}`,
  );
  return parts.length === 0 ? "all costs" : parts.join("; ");
}
