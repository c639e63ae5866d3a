import type { Scope } from "../../../core/finding.ts";
import type { Day } from "../../../core/period.ts";

/**
 * - `expected`: it was to be so, and stays: the level is the new normal. - `planned`: it is so on the days of `planned` and over then.
 * - `wrong`: nothing unusual, the alert should not have been.
 */
export type FeedbackKind = "expected" | "planned" | "wrong";

/** What a person said about one anomaly. It touches the series of that finding and everything below it. */
export interface Feedback {
  /** `1a2b3c4d5e6f-1`: the digits of the finding's key, and a running number. */
  id: string;
  /** Key of the finding. */
  finding: string;
  kind: FeedbackKind;
  scope: Scope;
  currency: string;
  /** First day of the anomaly. */
  since: Day;
  /** Announced days, the end exclusive; with `planned` only. */
  planned?: { start: Day; end: Day };
  note?: string;
  by: string;
  /** When it was said, RFC 3339. */
  at: string;
  /** No longer in force: taken back, or replaced by what was said later about the same finding. */
  undone?: { by: string; at: string };
}

/** The series that something is asked about. */
export interface SeriesName {
  scope: Scope;
  currency: string;
}
