import { type Decimal, fromInteger, max, min, multiply } from "../../../core/decimal.ts";
import type { Finding, Observation } from "../../../core/finding.ts";
import { addDays } from "../../../core/period.ts";
import { amountInside } from "../feedback/amount-inside.ts";
import { contains } from "../feedback/sensitivity.ts";
import { UNUSUAL_COST } from "./cause-observation.ts";
import { UNUSUAL_HOUR } from "./hours-observation.ts";

/*
 * Rules and watches look at the same costs, so one cause can be seen by both. People are told once: by the watch, which knows the range, unless
 * the rule is louder.
 */

/** Rules that look at nothing but the height of a cost, which its range knows better. */
const RISES: readonly string[] = ["over-yesterday", "absolute-jump"];
/** Cost that stops is a warning; a watch calls any drop mere information. */
const LOUDER = "spend-at-zero";
/** A watch may see a cause so many days before a rule does. */
const DAYS_EARLIER = 7;
/** Of the money that two tell of, this part has to be the same: half where both are of today. */
const SAME = 2n;
/** What was told before has grown since. */
const SAME_BEFORE = 4n;

export type Seen = Pick<Observation, "rule" | "scope" | "currency" | "period" | "amount" | "evidence">;

/**
 * The unusual cost as part of which something else is told. A rise: one lies within the other, and it is no earlier than its first day. What is
 * unusual by the hour likewise, by what is unusual by the day.
 */
export function repeatedBy(seen: Seen, unusual: readonly Observation[]): Observation | undefined {
  if (RISES.includes(seen.rule) || seen.rule === UNUSUAL_HOUR) return unusual.find((cause) => isRiseOf(seen, cause));
  return seen.rule === LOUDER ? undefined : unusual.find((cause) => isSameMoney(seen, cause, SAME));
}

/** The rule's sighting as which an unusual cost is told. */
export function toldLouder<T extends Seen>(cause: Seen, ofRules: readonly T[]): T | undefined {
  return ofRules.find((seen) => seen.rule === LOUDER && explains(seen, cause));
}

/** The unusual cost that a person has closed, when it is the money that a rule sees now: what is answered is not asked again. */
export function answeredBefore(seen: Seen, earlier: readonly Finding[]): Finding | undefined {
  if (RISES.includes(seen.rule) || seen.rule === UNUSUAL_HOUR) return undefined;
  return earlier.find(
    (cause) => cause.state === "resolved" && cause.actor !== undefined && isSameMoney(seen, cause, SAME_BEFORE),
  );
}

function isRiseOf(seen: Seen, cause: Seen): boolean {
  const { rule, scope, currency, period } = cause;
  return (
    (rule === UNUSUAL_COST || (rule === UNUSUAL_HOUR && seen.rule !== UNUSUAL_HOUR)) &&
    directionOf(cause) === (directionOf(seen) ?? "up") &&
    currency === seen.currency &&
    period.start <= seen.period.start &&
    (contains(scope, seen.scope) || contains(seen.scope, scope))
  );
}

/** Each makes a good part of the other. */
function isSameMoney(seen: Seen, cause: Seen, part: bigint): boolean {
  return explains(seen, cause) && shared(seen, cause) * part >= moneyOf(seen, cause);
}

/** What the rule saw makes at least half of the unusual cost, in the same direction and not long after it began. */
function explains(seen: Seen, cause: Seen): boolean {
  return (
    cause.rule === UNUSUAL_COST &&
    directionOf(cause) === directionOf(seen) &&
    cause.currency === seen.currency &&
    cause.period.start >= addDays(seen.period.start, -DAYS_EARLIER) &&
    shared(seen, cause) * SAME >= cause.amount
  );
}

function shared(seen: Seen, cause: Seen): Decimal {
  const [whole, amount] = [moneyOf(seen, cause), cause.amount];
  if (contains(cause.scope, seen.scope)) return whole;
  if (contains(seen.scope, cause.scope)) return min(whole, amount);
  return max(amountInside(cause.scope, seen), amountInside(seen.scope, cause));
}

/** Spend that stopped is told by the day. */
function moneyOf({ rule, amount }: Seen, { evidence }: Seen): Decimal {
  const days = rule === LOUDER ? Number(evidence.facts["days"] ?? 1) : 1;
  return multiply(amount, fromInteger(Number.isSafeInteger(days) ? days : 1));
}

function directionOf({ rule, evidence }: Pick<Seen, "rule" | "evidence">): string | undefined {
  return evidence.facts["direction"] ?? (rule === "first-use" ? "up" : undefined);
}
