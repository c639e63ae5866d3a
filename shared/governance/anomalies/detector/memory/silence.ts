import type { Alert, RememberedAlert } from "../../types.ts";

/** When an alert that is due is kept back because people were told already. All lengths in periods of the series. */
export interface SilenceRules {
  /** After an alert the same direction stays quiet, and so does a way back. */
  silence: number;
  /** What began before the alert was given is the same cause, this long. */
  sameCause: number;
  /** The way back to the old level is no news, this long. */
  wayBack: number;
  /** A deviation this many times the one told is news at once, and so is a cause that began since and scores this many times as much. */
  growth: number;
}

/** What a repeat keeps of its score. */
const REPEAT = 0.1;

/** Less than this share of the expected amount counts as this share. */
const LEAST_SHARE = 0.05;

/** How far off, as a logarithm: half and double are equally far. */
function distance(alert: Alert): number {
  if (!(alert.expected > 0)) return Number.POSITIVE_INFINITY;
  return Math.abs(Math.log(Math.max(alert.actual / alert.expected, LEAST_SHARE)));
}

/** Whether people know this already. `now` is the end of the newest period known. */
export function isRepeat(
  told: readonly RememberedAlert[],
  due: Alert,
  now: number,
  step: number,
  rules: SilenceRules,
): boolean {
  return told.some((alert) => {
    const age = (now - alert.alertedAt) / step;
    if (due.since > alert.at && due.score >= rules.growth * alert.score) return false;
    return alert.direction === due.direction ? isSameCause(alert, due, age, rules) : isWayBack(alert, due, age, rules);
  });
}

function isSameCause(told: RememberedAlert, due: Alert, age: number, rules: SilenceRules): boolean {
  const fresh = age <= rules.silence || (age <= rules.sameCause && due.since <= told.alertedAt);
  return fresh && distance(due) < rules.growth * distance(told);
}

function isWayBack(told: RememberedAlert, due: Alert, age: number, rules: SilenceRules): boolean {
  const was = distance(told);
  const is = distance(due);
  if (age <= rules.silence) return is <= 1.25 * was + 0.1;
  return age <= rules.wayBack && Math.abs(is - was) < Math.max(0.15, 0.35 * was);
}

/** The score that a repeat prints: less than its raw one. */
export const repeatScore = (score: number) => Math.max(0, score) * REPEAT;
