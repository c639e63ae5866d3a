import type { Alert, RememberedAlert, Standing } from "../../types.ts";

/** A period as known now beside what was to be expected of it had nothing happened, on the footing of `actual`. */
export interface Told {
  at: number;
  actual: number;
  expected: number;
  lower: number;
  upper: number;
}

export interface StandingRules {
  /** Periods after which what lasts has been learnt as the new level. */
  learnt: number;
  /** Newest periods that have to be back in the range for the alert to be over. */
  quiet: number;
}

/** Below this share of the deviation that was told, a restatement has taken it back. */
const LEFT = 0.25;

/** What became of an alert, from the periods since it began; `told` is oldest first and holds no unknown amounts. */
export function standingOf(
  alert: RememberedAlert,
  told: readonly Told[],
  step: number,
  rules: StandingRules,
): Standing {
  const decisive = told.find((period) => period.at === alert.at);
  if (decisive === undefined) return { alert, state: "over", now: alertOnly(alert) };
  const now = { ...alertOnly(alert), ...decisive, impact: impactOf(told, alert) };
  return { alert, state: stateOf(alert, decisive, told, step, rules), now };
}

function stateOf(
  alert: RememberedAlert,
  decisive: Told,
  told: readonly Told[],
  step: number,
  rules: StandingRules,
): Standing["state"] {
  const newest = told.at(-1) ?? decisive;
  if (tookBack(alert, decisive)) return "vanished";
  const after = told.filter((period) => period.at > alert.at).slice(-rules.quiet);
  if (after.length === rules.quiet && after.every((period) => isQuiet(alert, period))) return "over";
  return (newest.at - alert.since) / step >= rules.learnt ? "new-level" : "stands";
}

/** A point is explained when its period is back in the range; a drift, whose periods may each lie in it, when little is left. */
function tookBack(alert: RememberedAlert, now: Told): boolean {
  const left = signed(alert, now);
  if (left <= LEFT * signed(alert, alert)) return true;
  return alert.channel === "point" && inside(now) && !inside(alert);
}

const isQuiet = (alert: RememberedAlert, period: Told) =>
  inside(period) || signed(alert, period) <= LEFT * signed(alert, alert);
const inside = (period: Pick<Told, "actual" | "lower" | "upper">) =>
  period.actual >= period.lower && period.actual <= period.upper;
const signed = (alert: Alert, period: Pick<Told, "actual" | "expected">) =>
  (period.actual - period.expected) * (alert.direction === "up" ? 1 : -1);

/** Money off expectation in the alert's direction. */
export function impactOf(told: readonly Told[], alert: Pick<Alert, "direction">): number {
  const sign = alert.direction === "up" ? 1 : -1;
  return Math.max(
    0,
    told.reduce((sum, period) => sum + sign * (period.actual - period.expected), 0),
  );
}

function alertOnly({ alertedAt: _, ...alert }: RememberedAlert): Alert {
  return alert;
}
