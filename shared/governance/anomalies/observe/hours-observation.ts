import { abs, formatDecimal, parseDecimal, subtract } from "../../../core/decimal.ts";
import type { Observation } from "../../../core/finding.ts";
import type { FindingIdentity } from "../../findings/finding-key.ts";
import type { ExplainedExcess } from "../attribution/explain-excess.ts";
import { historyText } from "../history-text.ts";
import { HOUR_MS } from "../series/read-hours.ts";
import type { LeafTable, SeriesNode } from "../series/types.ts";
import { causeIdentity, comparison, dayAt, nameOf, shareOf, text } from "./cause-observation.ts";
import type { ExactCost } from "./exact-costs.ts";
import type { HoursOfCause } from "./hours-of-cause.ts";
import type { StandingCause } from "./judge-once.ts";
import type { ToldCause } from "./memory.ts";

export const UNUSUAL_HOUR = "unusual-hour";
/** What a person sees of the series in a message. */
const HISTORY_HOURS = 48;

/** Like a cause by the day; its period is the days in which its hours are. */
export function hoursIdentity(cause: ToldCause): FindingIdentity {
  return { ...causeIdentity(cause), rule: UNUSUAL_HOUR };
}

export interface HoursEvidence {
  table: LeafTable;
  hours: HoursOfCause;
  /** Over `hours`. */
  exact: ExactCost;
  /** Whose it is, as the cube says. */
  team: string | undefined;
  explained: ExplainedExcess;
}

/** A cause in some hours that stands, in the words and amounts of now. */
export function hoursObservation(one: StandingCause, evidence: HoursEvidence): Observation {
  const { cause, now, node } = one;
  const { table, hours, exact, team, explained } = evidence;
  const { from, to, lasts, decided } = hours;
  const identity = hoursIdentity(cause);
  const expected = parseDecimal(hours.expected.toFixed(2));
  const compared = comparison({ actual: exact.actual, expected, currency: cause.currency, direction: now.direction });
  const when = lasts ? `since ${hourAt(from)}` : `from ${hourAt(from)} to ${hourAt(to)}`;
  return {
    ...identity,
    title: `${nameOf(cause.keys, team)} ${lasts ? "costs" : "cost"} ${compared} ${when} UTC`,
    amount: abs(subtract(exact.actual, expected)),
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
        sinceHour: hourAt(from),
        hours: String(Math.round((to - from) / HOUR_MS)),
        actual: text(now.actual),
        expected: text(decided.expected),
        lower: text(decided.lower),
        upper: text(decided.upper),
        score: now.score.toFixed(2),
        channel: now.channel,
        direction: now.direction,
        totalActual: formatDecimal(exact.actual),
        totalExpected: formatDecimal(expected),
        history: historyOf(node, table),
        ...(team === undefined ? {} : { team }),
        ...explained.facts,
      },
    },
    recipients: [],
  };
}

/** `2024-09-23 14:00` */
function hourAt(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}

/** Up to the newest hour that is known. */
function historyOf({ costs }: SeriesNode, { start }: LeafTable): string {
  const end = costs.findLastIndex((cost) => !Number.isNaN(cost)) + 1;
  const first = Math.max(0, end - HISTORY_HOURS);
  return historyText({
    start: Date.parse(start) + first * HOUR_MS,
    step: HOUR_MS,
    costs: [...costs.subarray(first, end)],
  });
}
