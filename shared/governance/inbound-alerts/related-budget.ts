import type { Budget } from "../../config/types.ts";
import { parseDecimal, tryParseDecimal } from "../../core/decimal.ts";
import type { Finding, Observation, RelatedBudget, Scope } from "../../core/finding.ts";
import type { Day } from "../../core/period.ts";
import { budgetPeriod } from "../budgets/budget-period.ts";
import { thresholdLevel, thresholdRule } from "../budgets/thresholds.ts";
import { findingKey } from "../findings/finding-key.ts";
import { type FindingDeps, readFinding } from "../findings/finding-store.ts";
import type { FindingDocument } from "../findings/schema.ts";
import { SENT } from "./alert-observation.ts";

type Alert = Pick<Observation, "scope" | "period" | "currency" | "evidence">;

/** Dimensions that a cloud's alert names. */
const ALERT_DIMENSIONS: ReadonlySet<string> = new Set(["provider", "account"]);

/**
 * Our budget that a cloud's budget alert is about: the one of the same name (`ml`, or `team/ml`), otherwise the one of that provider (and
 * account) with the same limit and currency. Where several would fit, none does: a wrong link is worse than none.
 */
export function matchingBudget(budgets: readonly Budget[], { scope, currency, evidence }: Alert): Budget | undefined {
  const { budget: name, limit } = evidence.facts;
  if (name === undefined) return undefined;
  const possible = budgets.filter((budget) => admits(budget.scope, scope));
  const wanted = fold(name);
  return (
    single(possible.filter((budget) => fold(budget.name) === wanted)) ??
    single(possible.filter((budget) => fold(lastPart(budget.name)) === wanted)) ??
    single(possible.filter((budget) => isSameMoney(budget, limit, currency) && isAbout(budget.scope, scope)))
  );
}

/** Nothing in the alert's scope speaks against the budget's. */
function admits(budget: Scope, alert: Scope): boolean {
  return Object.entries(alert).every(([dimension, values]) => {
    const accepted = budget[dimension]?.map(fold);
    return accepted === undefined || values.some((value) => accepted.includes(fold(value)));
  });
}

/** The budget is one provider's, or one account's, and nothing narrower. */
function isAbout(budget: Scope, alert: Scope): boolean {
  const names = Object.keys(budget);
  return names.includes("provider") && names.every((name) => ALERT_DIMENSIONS.has(name) && alert[name] !== undefined);
}

function isSameMoney(budget: Budget, limit: string | undefined, currency: string): boolean {
  return limit !== undefined && budget.currency === currency && budget.limit === tryParseDecimal(limit);
}

function single(budgets: readonly Budget[]): Budget | undefined {
  return budgets.length === 1 ? budgets[0] : undefined;
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}

function lastPart(name: string): string {
  return name.split("/").at(-1) ?? name;
}

export interface Related {
  related: RelatedBudget;
  finding: FindingDocument | undefined;
}

/**
 * Our budget and, if there is one, its finding in the alert's period: one that is not resolved before one that is, one of the same basis
 * before others, then the highest threshold.
 */
export async function relatedBudget(
  deps: Pick<FindingDeps, "store">,
  budgets: readonly Budget[],
  alert: Alert,
): Promise<Related | undefined> {
  const budget = matchingBudget(budgets, alert);
  if (budget === undefined) return undefined;
  const keys = findingKeys(budget, dayWithin(alert));
  const found = (await Promise.all(keys.map((key) => readFinding(deps, key)))).filter((each) => each !== undefined);
  const [finding] = found.sort((a, b) => compare(rank(b, alert), rank(a, alert)) || (a.key < b.key ? -1 : 1));
  return {
    related: { budget: budget.name, ...(finding === undefined ? {} : { finding: finding.key }) },
    finding,
  };
}

/** The day the message was sent, or the nearest one of the alert's period. */
function dayWithin({ period, evidence }: Alert): Day {
  const sent = (evidence.facts[SENT] ?? "").slice(0, 10);
  return sent >= period.start && sent < period.end ? sent : period.start;
}

/** The keys that the budget's findings have in the period of that day, whether or not they exist. */
function findingKeys(budget: Budget, day: Day): string[] {
  const { start, end } = budgetPeriod(budget.period, day);
  const keys = budget.alerts.map((alert) =>
    findingKey({
      kind: "budget",
      rule: thresholdRule(alert),
      level: thresholdLevel(alert),
      scope: budget.scope,
      period: { start, end },
      subject: budget.name,
    }),
  );
  return [...new Set(keys)];
}

function rank(finding: Finding, alert: Alert): [open: number, basis: number, threshold: bigint] {
  const { basis, threshold = "0%" } = finding.evidence.facts;
  return [
    finding.state === "resolved" ? 0 : 1,
    basis === alert.evidence.facts["basis"] ? 1 : 0,
    parseDecimal(threshold.replace("%", "")),
  ];
}

function compare(a: readonly (number | bigint)[], b: readonly (number | bigint)[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value > other ? 1 : -1;
  }
  return 0;
}
