import type { Decimal } from "./decimal.ts";
import type { Day } from "./period.ts";

/** What an alert threshold may ask for. `notify` tells people; the others are carried out by enforcement. */
export type AlertAction = "notify" | "throttle" | "block";

/** How loud a finding is. */
export type FindingLevel = "info" | "warning" | "critical";

export type FindingKind =
  | "budget"
  | "budget-tree"
  | "anomaly"
  | "quarantine"
  | "source"
  | "reconciliation"
  | "cloud-alert"
  /** A cluster or an endpoint does not answer. */
  | "cluster";

/**
 * - `open`: needs attention. - `acknowledged`: a person took it. - `snoozed`: quiet until `snoozedUntil`.
 * - `resolved`: no longer true, or closed by a person.
 */
export type FindingState = "open" | "acknowledged" | "snoozed" | "resolved";

/** Dimensions a finding is about, by snake_case name: `{ provider: "aws", team: "ml" }`. Empty means everything. */
export type Scope = Readonly<Record<string, readonly string[]>>;

export interface Contributor {
  /** `{ service: "Amazon EC2", account: "1111" }` */
  keys: Readonly<Record<string, string>>;
  amount: Decimal;
}

/** Why a finding is believed. Free text in it comes from bills and is untrusted. */
export interface Evidence {
  /** Bill rows behind the number. */
  rows: number;
  contributors: readonly Contributor[];
  /** Share of the amount (0..1, as decimal text) that is settled. */
  settledShare: string;
  /** What a hard action waits for, in words; empty when nothing. */
  waitsFor: string;
  /** Facts by name, as text: `{ expected: "12.5", threshold: "80%" }`. */
  facts: Readonly<Record<string, string>>;
}

/** What a rule saw now. Turned into a `Finding` by the finding store, which owns key, state and times. */
export interface Observation {
  kind: FindingKind;
  /** Which rule: `threshold-80-actual`, `hour-over-yesterday`. */
  rule: string;
  level: FindingLevel;
  scope: Scope;
  /** The period the rule looked at; part of the key, so that a threshold fires once per period. */
  period: { start: Day; end: Day };
  /** Distinguishes findings of one scope and rule that are not the same thing: a budget's name, a quarantine id. */
  subject: string;
  title: string;
  amount: Decimal;
  currency: string;
  wantedActions: readonly WantedAction[];
  evidence: Evidence;
  /** Who is told beside the defaults (e-mail addresses or channel names). */
  recipients: readonly string[];
  /** Our own budget that a cloud's alert is about. */
  related?: RelatedBudget;
}

/** A budget of the configuration, and the key of its finding of that period, where there is one. */
export interface RelatedBudget {
  budget: string;
  finding?: string;
}

export interface WantedAction {
  action: AlertAction;
  /** What it is aimed at, as scopes, the most expensive first. */
  targets: readonly Scope[];
}

export interface Finding extends Observation {
  /** Stable: the same scope, period, rule, subject and level give the same key. */
  key: string;
  state: FindingState;
  openedAt: string;
  updatedAt: string;
  resolvedAt?: string;
  /** Why it was resolved, in words. */
  resolution?: string;
  snoozedUntil?: string;
  /** Who acknowledged, snoozed or resolved by hand. */
  actor?: string;
  /** Counts changes; a notifier that saw revision n has nothing to say about n again. */
  revision: number;
}
