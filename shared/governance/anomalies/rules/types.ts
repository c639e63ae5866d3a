import type { Decimal } from "../../../core/decimal.ts";
import type { Contributor, FindingLevel, Observation, Scope } from "../../../core/finding.ts";
import { addDays, type Day } from "../../../core/period.ts";

/** The explicit rules, as they stand in a finding's `rule`. */
export const RULES = ["over-yesterday", "absolute-jump", "first-use", "spend-at-zero", "unit-cost"] as const;
export type RuleName = (typeof RULES)[number];

/** What a rule saw, and since when people can know it. */
export interface RuleObservation extends Observation {
  rule: RuleName;
  /** The day on which it came true: what came true long ago is news to nobody. */
  raisedOn: Day;
  /** Of a rise: the days whose mean it is measured with. */
  comparedWith: readonly Day[];
}

export interface Sighting {
  rule: RuleName;
  /** Default: warning. */
  level?: FindingLevel;
  scope: Scope;
  currency: string;
  /** The day that it is about. */
  day: Day;
  raisedOn: Day;
  comparedWith?: readonly Day[];
  title: string;
  amount: Decimal;
  rows: number;
  isSettled: boolean;
  contributors?: readonly Contributor[];
  facts: Readonly<Record<string, string>>;
}

/** A sighting in the form that findings are made of. */
export function ruleObservation(seen: Sighting): RuleObservation {
  const { rule, scope, currency, day, raisedOn, title, amount, rows, facts } = seen;
  return {
    kind: "anomaly",
    rule,
    level: seen.level ?? "warning",
    scope,
    period: { start: day, end: addDays(day, 1) },
    subject: currency,
    title,
    amount,
    currency,
    wantedActions: [{ action: "notify", targets: [scope] }],
    evidence: {
      rows,
      contributors: seen.contributors ?? [],
      settledShare: seen.isSettled ? "1" : "0",
      waitsFor: "",
      facts: { ...facts, since: day, rules: facts["rules"] ?? rule },
    },
    recipients: [],
    raisedOn,
    comparedWith: seen.comparedWith ?? [],
  };
}

/** `aws / Compute`, `aws / no region`. */
export function seriesName(keys: Readonly<Record<string, string>>): string {
  const names = Object.entries(keys).map(([name, value]) => (value === "" ? `no ${name.replaceAll("_", " ")}` : value));
  return names.join(" / ") || "All cost";
}
