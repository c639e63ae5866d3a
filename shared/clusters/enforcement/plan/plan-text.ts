import { cleanText, cutText } from "../../../core/clean-text.ts";
import { hasCents } from "../../../core/currency.ts";
import { type Decimal, formatFixed } from "../../../core/decimal.ts";
import { canonicalJson } from "../../../core/json.ts";
import type { ApprovalNeeds, LeftOut, Plan, Step } from "../types.ts";

const WIDEST = 60;

/**
 * The plan as a terminal and a message in a fixed-width font show it: steps with their price, the sum, what was left out and why, and what it
 * needs to begin. Plain text; names of a cluster's objects are cleaned of control characters.
 */
export function planText(plan: Plan): string {
  return [
    `Plan ${plan.hash.slice(0, 12)} for cluster ${cleanText(plan.cluster)}`,
    "",
    ...stepLines(plan),
    "",
    `saves ${money(plan.savesPerHour, plan)} an hour, ${money(plan.savesUntilEnd, plan)} until the end of the period`,
    needsLine(plan.needs, plan),
    ...section("Left out", onePerReason(plan.leftOut).flatMap(leftOutLines)),
    ...section("To know", knownLines(plan)),
  ].join("\n");
}

/** What a person could run instead, in the steps' order. */
export function planCommands({ steps }: Pick<Plan, "steps">): string[] {
  return steps.flatMap(({ commands }) => commands.map((command) => cleanText(command)));
}

function stepLines(plan: Plan): string[] {
  if (plan.steps.length === 0) return ["Nothing to do."];
  const header = ["", "action", "object", "environment", "pods", "per hour", "until end"];
  return table([header, ...plan.steps.map((step, index) => cells(step, index, plan))], [0, 4, 5, 6]);
}

function cells(step: Step, index: number, plan: Plan): string[] {
  const action = step.reversible ? step.action : `${step.action} (irreversible)`;
  return [
    String(index + 1),
    action,
    cutText(cleanText(step.subject), WIDEST),
    cutText(cleanText(step.environment), WIDEST),
    step.pods === 0 ? "" : String(step.pods),
    amount(step.savesPerHour, plan),
    amount(step.savesUntilEnd, plan),
  ];
}

/** Columns two spaces apart; numbers to the right. */
function table(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const align = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
  };
  return rows.map((row) => row.map(align).join("  ").trimEnd());
}

function needsLine({ mode, approvals }: ApprovalNeeds, { steps, expiresAt }: Plan): string {
  if (steps.length === 0) return "needs no approval";
  if (mode === "dry-run") return "dry run: nothing is done, whoever approves it";
  if (approvals === 0) return "needs no approval: it is done automatically";
  const people = approvals === 1 ? "one person" : `${approvals} persons`;
  return `needs the approval of ${people} until ${expiresAt}`;
}

/** The document has a line for each want; people need the reason once. */
function onePerReason(leftOut: readonly LeftOut[]): LeftOut[] {
  return [...new Map(leftOut.map((each) => [canonicalJson([each.subject, each.reason]), each])).values()];
}

function leftOutLines({ subject, reason, hint }: LeftOut): string[] {
  const first = `- ${cleanText(subject)}: ${cleanText(reason)}`;
  return hint === undefined ? [first] : [first, ...hint.split("\n").map((line) => `    ${cleanLine(line)}`)];
}

/** Snippets keep their indentation. */
function cleanLine(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  return `${indent}${cleanText(line)}`.trimEnd();
}

/** Each remark once, however many steps share it. */
function knownLines({ steps, remarks }: Plan): string[] {
  const all = [...steps.flatMap((step) => step.remarks), ...remarks].map((remark) => cleanText(remark));
  return [...new Set(all)].map((remark) => `- ${remark}`);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines];
}

function money(value: Decimal, plan: Plan): string {
  return `${amount(value, plan)} ${plan.currency}`;
}

function amount(value: Decimal, { currency }: Plan): string {
  return formatFixed(value, hasCents(currency) ? 2 : 0);
}
