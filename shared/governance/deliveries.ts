import { type Decimal, parseDecimal, ZERO } from "../core/decimal.ts";
import type { Observation } from "../core/finding.ts";
import { addDays, dayOf, isMonth, monthDays, monthOf } from "../core/period.ts";
import type { SourceFailure } from "../ledger/collect/failures.ts";
import type { Quarantine } from "../ledger/quarantine.ts";

/** What is wrong with the bills themselves: deliveries that wait for a decision, and sources whose last run failed. */
export function observeDeliveries(
  quarantines: readonly Quarantine[],
  failures: readonly SourceFailure[],
  now: Date,
): Observation[] {
  return [
    ...quarantines.filter(({ state }) => state === "waiting").map((quarantine) => quarantineObservation(quarantine)),
    ...failures.map((failure) => failureObservation(failure, now)),
  ];
}

function quarantineObservation(quarantine: Quarantine): Observation {
  const { id, source, billingPeriod, reason, detail, version } = quarantine;
  const period = isMonth(billingPeriod)
    ? monthDays(billingPeriod)
    : { start: quarantine.at.slice(0, 10), end: addDays(quarantine.at.slice(0, 10), 1) };
  const total = version?.totals[0];
  return {
    ...base(total === undefined ? ZERO : parseDecimal(total.billed), total?.currency ?? "USD"),
    kind: "quarantine",
    rule: reason,
    level: "warning",
    scope: { source: [source] },
    period,
    subject: id,
    title: `${source} ${billingPeriod}: a delivery was not believed: ${detail}`,
    evidence: {
      ...emptyEvidence(version?.rows ?? 0),
      facts: { quarantine: id, confirm: `genops collect confirm ${id}`, discard: `genops collect discard ${id}` },
    },
  };
}

function failureObservation({ source, messages }: SourceFailure, now: Date): Observation {
  return {
    ...base(ZERO, "USD"),
    kind: "source",
    rule: "collect-failed",
    level: "warning",
    scope: { source: [source] },
    period: monthDays(monthOf(dayOf(now))),
    subject: source,
    title: `${source} could not be collected: ${messages[0] ?? "unknown reason"}`,
    evidence: {
      ...emptyEvidence(0),
      facts: Object.fromEntries(messages.slice(0, 5).map((message, index) => [`message ${index + 1}`, message])),
    },
  };
}

function base(
  amount: Decimal,
  currency: string,
): Pick<Observation, "amount" | "currency" | "wantedActions" | "recipients"> {
  return { amount, currency, wantedActions: [], recipients: [] };
}

function emptyEvidence(rows: number): Omit<Observation["evidence"], "facts"> {
  return { rows, contributors: [], settledShare: "1", waitsFor: "" };
}
