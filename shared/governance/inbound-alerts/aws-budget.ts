import { isCurrency } from "../../core/currency.ts";
import { formatDecimal, parseDecimal, ZERO } from "../../core/decimal.ts";
import { addDays, addMonths, type Day, dayOf, monthDays, monthOf } from "../../core/period.ts";
import { currencyOfText, parseAmountText } from "./amount-text.ts";
import { knownFacts, shortText } from "./limits.ts";
import type { AlertThreshold, CloudBudgetAlert, Reading } from "./types.ts";

/** The lines of the block that ends the message. */
interface Lines {
  name: string;
  type: string;
  limit: string | undefined;
  basis: "ACTUAL" | "FORECASTED";
  operator: string;
  threshold: string;
  amount: string;
}

/** `$400.00`, `$400.00 (80.0% of your budget)`, `80%` */
const THRESHOLD = /^(.+?)\s*(?:\(\s*([\d.]+)\s*%[^)]*\))?$/;

/**
 * AWS Budgets' message: prose with a block of `Label: value` lines (`reference/clouds.md` §1.5). It names the day it was written, not
 * the budget's period; that follows from `for the current month` or `per day. Yesterday`.
 */
export function readAwsBudget(message: string, { sentDay, partition }: { sentDay: Day; partition: string }): Reading {
  const lines = message.split(/\r\n|[\r\n]/).map((line) => line.trim());
  const block = readLines(lines);
  if (block === undefined) return { unread: "not the text of AWS Budgets as it was known" };
  const counts = block.type.toLowerCase() === "cost" ? readMoney(block, partition) : undefined;
  if (block.type.toLowerCase() === "cost" && counts === undefined) return { unread: "an amount cannot be read" };
  const account = find(lines, /^AWS Account (\d{12})$/);
  const period = periodOf(message, writtenDay(lines) ?? sentDay);
  const alert: CloudBudgetAlert = {
    what: "budget",
    provider: "aws",
    scope: { provider: ["aws"], ...(account === undefined ? {} : { account: [account] }) },
    subject: block.name,
    name: block.name,
    period,
    basis: block.basis === "ACTUAL" ? "actual" : "forecast",
    ...(counts ?? { ...WORDS, threshold: { words: `${block.operator} ${block.threshold}` } }),
    facts: knownFacts({
      type: block.type,
      operator: block.operator,
      ...(counts === undefined ? { counted: block.amount, budgeted: block.limit, alertAt: block.threshold } : {}),
      percentOfBudget: percentText(block),
    }),
  };
  return { alerts: [alert] };
}

/** Budgets of usage and coverage count hours, gigabytes, percent. */
const WORDS = { limit: undefined, amount: ZERO, currency: "USD" } as const;

function readLines(lines: readonly string[]): Lines | undefined {
  const name = find(lines, /^Budget Name: (.+)$/);
  const basis = find(lines, /^Alert Type: (ACTUAL|FORECASTED)$/);
  const [, operator, threshold] = match(lines, /^Alert Threshold: ([<>=]+) (.+)$/) ?? [];
  const amount = find(lines, new RegExp(`^${basis ?? "-"} Amount: (.+)$`));
  if (name === undefined || (basis !== "ACTUAL" && basis !== "FORECASTED")) return undefined;
  if (operator === undefined || threshold === undefined || amount === undefined) return undefined;
  const type = find(lines, /^Budget Type: (.+)$/) ?? "Cost";
  const limit = find(lines, /^Budgeted Amount: (.+)$/);
  return { name: shortText(name), type, limit, basis, operator, threshold, amount };
}

function readMoney(
  { amount, limit, threshold }: Lines,
  partition: string,
): Pick<CloudBudgetAlert, "amount" | "limit" | "threshold" | "currency"> | undefined {
  const currency = currencyOfText(amount, isCurrency) ?? (partition === "aws-cn" ? "CNY" : "USD");
  const spent = parseAmountText(amount, currency);
  const budgeted = limit === undefined ? undefined : parseAmountText(limit, currency);
  const at = readThreshold(threshold, currency);
  if (spent === undefined || at === undefined || (limit !== undefined && budgeted === undefined)) return undefined;
  return { amount: spent, limit: budgeted, threshold: at, currency };
}

function readThreshold(text: string, currency: string): AlertThreshold | undefined {
  const percent = /^(\d{1,9}(?:\.\d{1,18})?)\s*%$/.exec(text.trim())?.[1];
  if (percent !== undefined) return { percent: parseDecimal(percent) };
  const money = parseAmountText(THRESHOLD.exec(text)?.[1] ?? "", currency);
  return money === undefined ? undefined : { money };
}

function percentText({ threshold }: Lines): string | undefined {
  const percent = THRESHOLD.exec(threshold)?.[2];
  return percent === undefined || !/^\d{1,9}(\.\d{1,18})?$/.test(percent)
    ? undefined
    : `${formatDecimal(parseDecimal(percent))}%`;
}

function periodOf(message: string, day: Day): { start: Day; end: Day } {
  if (/\bper day\. Yesterday\b/.test(message)) return { start: addDays(day, -1), end: day };
  if (/\bper day\b/.test(message)) return { start: day, end: addDays(day, 1) };
  const every = /for the current (month|quarter|year)\b/.exec(message)?.[1] ?? "month";
  const month = monthOf(day);
  const year = day.slice(0, 4);
  if (every === "year") return { start: `${year}-01-01`, end: `${addMonths(`${year}-01`, 12)}-01` };
  if (every === "month") return monthDays(month);
  const first = addMonths(month, -((Number(month.slice(5)) - 1) % 3));
  return { start: `${first}-01`, end: `${addMonths(first, 3)}-01` };
}

/** `AWS Budget Notification November 22, 2026` */
function writtenDay(lines: readonly string[]): Day | undefined {
  const text = find(lines, /^AWS Budget Notification ([A-Z][a-z]+ \d{1,2}, \d{4})$/);
  const instant = new Date(`${text ?? ""} UTC`);
  return text === undefined || Number.isNaN(instant.getTime()) ? undefined : dayOf(instant);
}

function find(lines: readonly string[], pattern: RegExp): string | undefined {
  return match(lines, pattern)?.[1]?.trim();
}

function match(lines: readonly string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const line of lines) {
    const found = line.length > 1_000 ? null : pattern.exec(line);
    if (found !== null) return found;
  }
  return undefined;
}
