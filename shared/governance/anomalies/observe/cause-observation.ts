import {
  abs,
  type Decimal,
  divide,
  formatDecimal,
  formatFixed,
  parseDecimal,
  subtract,
} from "../../../core/decimal.ts";
import type { Observation } from "../../../core/finding.ts";
import { addDays, type Day, dayOf } from "../../../core/period.ts";
import type { FindingIdentity } from "../../findings/finding-key.ts";
import type { ExplainedExcess } from "../attribution/explain-excess.ts";
import { historyText } from "../history-text.ts";
import type { LeafTable, SeriesNode } from "../series/types.ts";
import { type Alert, DAY_MS } from "../types.ts";
import type { ExactCost } from "./exact-costs.ts";
import type { CauseNow } from "./judge-series.ts";
import type { ToldCause } from "./memory.ts";

export const UNUSUAL_COST = "unusual-cost";
/** What a person sees of the series in a message. */
const HISTORY_DAYS = 30;

/**
 * Stays the same while the cause lasts: its day is the one on which it began, as it was first told, however much of the bill was there to see it
 * by. Less cost than expected is no alarm.
 */
export function causeIdentity({ keys, currency, alert }: ToldCause): FindingIdentity {
  return {
    kind: "anomaly",
    rule: UNUSUAL_COST,
    level: alert.direction === "up" ? "warning" : "info",
    scope: Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]])),
    period: { start: dayAt(alert.since), end: addDays(dayAt(alert.since), 1) },
    subject: currency,
  };
}

/** The days whose cost a cause makes unusual, as far as they are known. */
export function causeDays({ since }: Alert, table: LeafTable): { start: Day; end: Day } {
  return { start: dayAt(since), end: addDays(table.start, table.days) };
}

export interface CauseEvidence {
  table: LeafTable;
  node: SeriesNode;
  /** Over `causeDays`. */
  exact: ExactCost;
  explained: ExplainedExcess;
}

/** A cause that stands, in the words and amounts of today. The excess is what the ledger says less what was expected of the same days. */
export function causeObservation({ cause, now }: CauseNow, evidence: CauseEvidence): Observation {
  const { table, node, exact, explained } = evidence;
  const identity = causeIdentity(cause);
  const expected = expectedTotal(node, table, now);
  const amount = abs(subtract(exact.actual, expected));
  return {
    ...identity,
    title: titleOf(cause, now, { actual: exact.actual, expected, team: exact.team }),
    amount,
    currency: cause.currency,
    wantedActions: [{ action: "notify", targets: [identity.scope] }],
    evidence: {
      rows: exact.rows,
      contributors: explained.contributors,
      settledShare: shareOf(exact.settled, exact.actual),
      waitsFor: "",
      facts: {
        since: dayAt(now.since),
        day: dayAt(now.at),
        actual: text(now.actual),
        expected: text(now.expected),
        lower: text(now.lower),
        upper: text(now.upper),
        score: now.score.toFixed(2),
        channel: now.channel,
        direction: now.direction,
        days: String(daysOf(now, table)),
        totalActual: formatDecimal(exact.actual),
        totalExpected: formatDecimal(expected),
        history: historyOf(node, table),
        ...(exact.team === undefined ? {} : { team: exact.team }),
        ...explained.facts,
      },
    },
    recipients: [],
  };
}

export function dayAt(at: number): Day {
  return dayOf(new Date(at));
}

function daysOf({ since }: Alert, table: LeafTable): number {
  return Math.round((Date.parse(table.start) - since) / DAY_MS) + table.days;
}

/** Cost of the days as the watch saw it, less what it found too much. */
function expectedTotal(node: SeriesNode, table: LeafTable, now: Alert): Decimal {
  let seen = 0;
  for (const cost of node.costs.subarray(-daysOf(now, table))) if (!Number.isNaN(cost)) seen += cost;
  return parseDecimal((seen - (now.direction === "up" ? now.impact : -now.impact)).toFixed(2));
}

/** Statistics for people: four digits say all there is. */
export function text(value: number): string {
  return String(Number(value.toPrecision(4)));
}

export function shareOf(part: Decimal, whole: Decimal): string {
  return whole === 0n ? "1" : formatFixed(divide(part, whole), 2);
}

function historyOf({ costs }: SeriesNode, table: LeafTable): string {
  const kept = costs.subarray(-HISTORY_DAYS);
  const start = Date.parse(table.start) + (costs.length - kept.length) * DAY_MS;
  return historyText({ start, step: DAY_MS, costs: [...kept] });
}

/** `Vertex AI of ai-research costs 4.1 × what was expected since 2024-09-23`. */
function titleOf(
  { keys, currency }: ToldCause,
  { since, direction }: Alert,
  { actual, expected, team }: { actual: Decimal; expected: Decimal; team: string | undefined },
): string {
  return `${nameOf(keys, team)} costs ${comparison({ actual, expected, currency, direction })} since ${dayAt(since)}`;
}

/** `4.1 × what was expected`, or the difference in money where a ratio says nothing. */
export function comparison(of: {
  actual: Decimal;
  expected: Decimal;
  currency: string;
  direction: Alert["direction"];
}): string {
  const { actual, expected, currency, direction } = of;
  if (actual > 0n && expected > 0n) {
    const ratio = divide(actual, expected);
    return `${formatFixed(ratio, ratio < parseDecimal("0.1") ? 2 : 1)} × what was expected`;
  }
  return `${formatFixed(abs(subtract(actual, expected)), 2)} ${currency} ${direction === "up" ? "more" : "less"} than expected`;
}

/** What is dear, then whose it is. An account's number says little where its team is known. */
export function nameOf(keys: ToldCause["keys"], team: string | undefined): string {
  const { provider, account, service, ...others } = keys;
  const rest = Object.values(others).filter((value) => value !== "");
  const whose = team ?? (service === undefined ? undefined : account);
  const what = [service ?? account ?? provider ?? "All usage", ...rest].join(" / ");
  return whose === undefined || whose === what ? what : `${what} of ${whose}`;
}
