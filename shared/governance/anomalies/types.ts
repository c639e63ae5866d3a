/**
 * Words that everything about anomalies speaks. Amounts in here are `number`s: an expectation is statistics. What a finding, a report or a
 * budget says in money is read from the ledger as decimals.
 */

import type { Completeness } from "../../ledger/completeness/completeness.ts";

export type { Completeness };

/** One regular series as it is known at one instant. */
export interface KnownSeries {
  /** Start of the first period, milliseconds since 1970. */
  start: number;
  /** Length of a period in milliseconds: 86,400,000 for daily bills. */
  step: number;
  /** Cost of each period as known now, oldest first; NaN where nothing is known. May be 0 or negative. */
  costs: Float64Array;
  /** Of the newest periods, `[0]` of the last one in `costs`. Periods beyond are final. */
  completeness: readonly Completeness[];
}

/** False alerts per series and 90 days that people are willing to see. */
export type FalseAlerts = 1 | 0.25 | 0.1;

/** How a series is judged: the dial, the floor, and what people have said about it. Times in milliseconds since 1970, ends exclusive. */
export interface Sensitivity {
  falseAlertsPer90Days: FalseAlerts;
  /** Least money off expectation that is worth an alert. */
  floor: number;
  /** Announced by a person: not judged, and nothing is learnt from it. */
  planned: readonly { from: number; to: number }[];
  /** Confirmed by a person: from here on the level is normal, so the range starts anew here. */
  newLevels: readonly number[];
  /** Divides every score; above 1 after people have called alerts of this series wrong. */
  caution: number;
}

/** Why and by how much a period is unusual. `expected`, `lower`, `upper` are on the footing of `actual`: as incomplete as the period. */
export interface Alert {
  /** The period that decided. */
  at: number;
  /** The first period that belongs to it, ≤ `at`. */
  since: number;
  score: number;
  actual: number;
  expected: number;
  lower: number;
  upper: number;
  direction: "up" | "down";
  /** A few days out of line, or a slow or lasting move. */
  channel: "point" | "drift";
  /** ≥ 0: money off expectation over the periods from `since` to the newest that it covers. */
  impact: number;
}

/** A period that was judged. Its score decides about the alert, after de-duplication. */
export interface Judged {
  at: number;
  score: number;
  alert?: Alert;
}

/** What must outlive a look: alerts given, so that nobody is told twice. Plain JSON; everything else is learnt again from the series. */
export interface AlertMemory {
  alerts: readonly RememberedAlert[];
}

export interface RememberedAlert extends Alert {
  /** End of the newest period known when it was given. */
  alertedAt: number;
}

/** What became of an alert: it still stands, a restatement took it back, it is over, or it is the new normal. */
export interface Standing {
  alert: RememberedAlert;
  state: "stands" | "vanished" | "over" | "new-level";
  /** The alert with the figures as known now. */
  now: Alert;
}

/** Watches one series. A pure function of what it was shown and the memory it started with. */
export interface SeriesWatch {
  /** Judges what is new since the last look. Periods before index `changedFrom` are as they were then. */
  look(known: KnownSeries, changedFrom: number): Judged[];
  /** What became of the alerts in memory. */
  standing(known: KnownSeries): Standing[];
  memory(): AlertMemory;
}

export type CreateWatch = (sensitivity: Sensitivity, memory?: AlertMemory) => SeriesWatch;

export const DAY_MS = 86_400_000;
