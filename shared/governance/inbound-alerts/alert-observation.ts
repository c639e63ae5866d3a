import { type Decimal, formatDecimal, formatFixed, fromInteger, multiplyDivide } from "../../core/decimal.ts";
import type { FindingLevel, Observation } from "../../core/finding.ts";
import { addDays, type Day, dayOf } from "../../core/period.ts";
import type { CloudAlert, CloudAnomalyAlert, CloudBudgetAlert } from "./types.ts";

const HUNDRED = fromInteger(100);
const PROVIDERS = { aws: "AWS", azure: "Azure", gcp: "Google Cloud" } as const;

export const ANOMALY_RULE = "cost-anomaly";
export const UNSUBSCRIBED_RULE = "unsubscribed";
/** The fact that says when the newest message about a finding was sent. */
export const SENT = "sent";

/**
 * A cloud's alert as an observation. Its key holds provider, budget, period, kind and threshold, so a repeated message is the same
 * finding; amounts and words may differ. `sentAt` is RFC 3339.
 */
export function alertObservation(alert: Exclude<CloudAlert, { what: "nothing" }>, sentAt: string): Observation {
  switch (alert.what) {
    case "budget":
      return budgetObservation(alert, sentAt);
    case "anomaly":
      return anomalyObservation(alert, sentAt);
    case "unsubscribed":
      return unsubscribedObservation(alert.topic, sentAt);
  }
}

function budgetObservation(alert: CloudBudgetAlert, sentAt: string): Observation {
  const { basis, scope, period, subject, amount, currency, limit, facts } = alert;
  return {
    kind: "cloud-alert",
    rule: `${basis}-${thresholdName(alert)}`,
    level: levelOf(alert),
    scope,
    period,
    subject,
    title: budgetTitle(alert),
    amount,
    currency,
    wantedActions: [{ action: "notify", targets: [scope] }],
    evidence: {
      ...NO_ROWS,
      facts: {
        budget: alert.name,
        ...(limit === undefined ? {} : { limit: formatDecimal(limit) }),
        ...thresholdFacts(alert),
        basis,
        ...facts,
        [SENT]: sentAt,
      },
    },
    recipients: [],
  };
}

/** The cloud's own bill is behind the number, none of our rows. */
const NO_ROWS = { rows: 0, contributors: [], settledShare: "1", waitsFor: "" };

function thresholdName({ threshold, currency }: CloudBudgetAlert): string {
  if ("percent" in threshold) return `${formatDecimal(threshold.percent)}-percent`;
  return "money" in threshold ? `${formatDecimal(threshold.money)}-${currency.toLowerCase()}` : threshold.words;
}

function thresholdFacts(alert: CloudBudgetAlert): Record<string, string> {
  const { threshold } = alert;
  if ("words" in threshold) return { threshold: threshold.words };
  const percent = percentOf(alert);
  return {
    ...(percent === undefined ? {} : { threshold: `${percentText(percent)}%` }),
    ...("money" in threshold ? { thresholdAmount: formatDecimal(threshold.money) } : {}),
  };
}

/** The threshold as percent of the limit. */
function percentOf({ threshold, limit }: CloudBudgetAlert): Decimal | undefined {
  if ("percent" in threshold) return threshold.percent;
  if (!("money" in threshold) || limit === undefined || limit <= 0n) return undefined;
  return multiplyDivide(threshold.money, HUNDRED, limit);
}

function percentText(percent: Decimal): string {
  return formatFixed(percent, 2).replace(/\.?0+$/, "");
}

/** Part of the key, so it must not depend on what has been spent. */
function levelOf(alert: CloudBudgetAlert): FindingLevel {
  const percent = percentOf(alert);
  return alert.basis === "actual" && percent !== undefined && percent >= HUNDRED ? "critical" : "warning";
}

function budgetTitle(alert: CloudBudgetAlert): string {
  const { provider, name, basis, amount, currency, limit, period, threshold } = alert;
  const who = `${PROVIDERS[provider]} budget ${name}`;
  if ("words" in threshold && amount === 0n) return `${who}: ${basis} ${threshold.words}, says ${PROVIDERS[provider]}`;
  const of = limit === undefined ? currency : `of ${formatFixed(limit, 2)} ${currency}`;
  const does = basis === "actual" ? "has used" : forecastWords(alert);
  return `${who} ${does} ${formatFixed(amount, 2)} ${of} since ${period.start}: alert at ${thresholdWords(alert)}`;
}

/** Google does not say how much is forecast, only that it is above the threshold. */
function forecastWords({ provider }: CloudBudgetAlert): string {
  return provider === "gcp" ? "is heading above its threshold with" : "is heading for";
}

function thresholdWords({ threshold, currency }: CloudBudgetAlert): string {
  if ("percent" in threshold) return `${percentText(threshold.percent)} %`;
  return "money" in threshold ? `${formatFixed(threshold.money, 2)} ${currency}` : threshold.words;
}

function anomalyObservation(alert: CloudAnomalyAlert, sentAt: string): Observation {
  const { scope, start, impact, currency, anomalyId, contributors, facts } = alert;
  const about = alert.dimension === "" ? "" : ` of ${alert.dimension}`;
  return {
    kind: "cloud-alert",
    rule: ANOMALY_RULE,
    level: "warning",
    scope,
    period: { start, end: addDays(start, 1) },
    subject: anomalyId,
    title: `AWS sees unusual cost${about} since ${start}: ${formatFixed(impact, 2)} ${currency} more than expected`,
    amount: impact,
    currency,
    wantedActions: [{ action: "notify", targets: [scope] }],
    evidence: { ...NO_ROWS, contributors, facts: { ...facts, [SENT]: sentAt } },
    recipients: [],
  };
}

function unsubscribedObservation(topic: string, sentAt: string): Observation {
  return {
    ...withoutMoney("aws", dayOf(new Date(sentAt))),
    rule: UNSUBSCRIBED_RULE,
    subject: topic,
    title: `SNS topic ${topic} was told to send no more alerts to GenOps`,
    evidence: { ...NO_ROWS, facts: { topic, [SENT]: sentAt } },
  };
}

/** What findings without an amount have in common. */
export function withoutMoney(
  provider: keyof typeof PROVIDERS,
  day: Day,
): Omit<Observation, "rule" | "subject" | "title" | "evidence"> {
  const scope = { provider: [provider] };
  return {
    kind: "cloud-alert",
    level: "warning",
    scope,
    period: { start: day, end: addDays(day, 1) },
    amount: fromInteger(0),
    currency: "USD",
    wantedActions: [{ action: "notify", targets: [scope] }],
    recipients: [],
  };
}
