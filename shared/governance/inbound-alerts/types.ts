import type { Decimal } from "../../core/decimal.ts";
import type { Contributor, Scope } from "../../core/finding.ts";
import type { Day } from "../../core/period.ts";

export type AlertProvider = "aws" | "azure" | "gcp";

/** A cloud says that one of its budgets has crossed a threshold, or is forecast to. Texts come from outside and are untrusted. */
export interface CloudBudgetAlert {
  what: "budget";
  provider: AlertProvider;
  /** Provider, and account or billing account where the message names one. */
  scope: Scope;
  /** Tells the provider's budgets apart: a name within its account, or an id. */
  subject: string;
  /** As people know it. */
  name: string;
  period: { start: Day; end: Day };
  basis: "actual" | "forecast";
  threshold: AlertThreshold;
  limit: Decimal | undefined;
  /** Spent, or forecast where the message says how much. Zero for budgets that do not count money. */
  amount: Decimal;
  currency: string;
  /** What else the message tells, by name. */
  facts: Readonly<Record<string, string>>;
}

/** As the message says it: a share of the limit, an amount of money, or words (`> 750 Hrs`). */
export type AlertThreshold = { percent: Decimal } | { money: Decimal } | { words: string };

/** AWS Cost Anomaly Detection has seen unusual cost. */
export interface CloudAnomalyAlert {
  what: "anomaly";
  scope: Scope;
  anomalyId: string;
  /** What it is about, as the monitor divides cost: a service, an account, a tag value. */
  dimension: string;
  start: Day;
  /** Cost above what was expected. */
  impact: Decimal;
  currency: string;
  contributors: readonly Contributor[];
  facts: Readonly<Record<string, string>>;
}

/** A message that was understood. */
export type CloudAlert =
  | CloudBudgetAlert
  | CloudAnomalyAlert
  /** An SNS topic will send no more. */
  | { what: "unsubscribed"; topic: string }
  /** Understood, and there is nothing to find: a budget's regular state below every threshold. */
  | { what: "nothing"; why: string };

/** What a reader of one message shape answers: alerts, or why it cannot read this one. */
export type Reading = { alerts: readonly CloudAlert[] } | { unread: string };
