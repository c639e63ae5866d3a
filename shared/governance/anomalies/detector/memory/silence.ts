import type { Alert, RememberedAlert } from "../../types.ts";

/** When an alert that is due is kept back because people were told already. All lengths in periods of the series. */
export interface SilenceRules {
  /** After an alert the same direction stays quiet, and so does a way back. */
  silence: number;
  /** What began before that silence ended is the same cause, this long. */
  sameCause: number;
  /** The way back to the old level is no news, this long. */
  wayBack: number;
  /** A deviation this many times the one told is news at once. */
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
    if (isAnotherCause(alert, due)) return false;
    return alert.direction === due.direction
      ? isSameCause(alert, due, age, step, rules)
      : isWayBack(alert, due, age, rules);
  });
}

/** A small alert must not hide a clear one: what began since, is further off, and is surer by half is something else. */
function isAnotherCause(told: RememberedAlert, due: Alert): boolean {
  return due.since > told.alertedAt && due.score >= 1.5 * told.score && distance(due) >= 1.1 * distance(told);
}

function isSameCause(told: RememberedAlert, due: Alert, age: number, step: number, rules: SilenceRules): boolean {
  const began = due.since <= told.alertedAt + rules.silence * step;
  const fresh = age <= rules.silence || (age <= rules.sameCause && began);
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
