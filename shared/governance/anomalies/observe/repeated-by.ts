import type { Observation } from "../../../core/finding.ts";
import { contains } from "../feedback/sensitivity.ts";
import { UNUSUAL_COST } from "./cause-observation.ts";

/** Rules that look at nothing but the height of a cost, which its range knows better. */
const RISES: readonly string[] = ["over-yesterday", "absolute-jump"];

/** The unusual cost that a rise is the same money as: one lies within the other, and the rise is no earlier than its first day. */
export function repeatedBy(
  seen: Pick<Observation, "rule" | "scope" | "currency" | "period">,
  unusual: readonly Observation[],
): Observation | undefined {
  if (!RISES.includes(seen.rule)) return undefined;
  return unusual.find(
    ({ rule, scope, currency, period, evidence }) =>
      rule === UNUSUAL_COST &&
      evidence.facts["direction"] === "up" &&
      currency === seen.currency &&
      period.start <= seen.period.start &&
      (contains(scope, seen.scope) || contains(seen.scope, scope)),
  );
}
