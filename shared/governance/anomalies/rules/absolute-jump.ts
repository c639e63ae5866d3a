import type { AnomalyConfig } from "../../../config/types.ts";
import { type Decimal, divide, fromInteger, multiply, parseDecimal, subtract, sum } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";

const DAYS_BEFORE = 7;
/** With fewer days a mean says nothing. */
const DAYS_NEEDED = 3;
/** However much money it is, less than this over the mean is the ordinary up and down of something large. */
const MINIMUM_RATIO = parseDecimal("1.25");

export interface AbsoluteJump {
  amount: Decimal;
  /** Mean of the up to seven days before. */
  mean: Decimal;
}

/**
 * A day above the mean of the seven days before it by at least `rule.amount` and by more than a quarter. Days without an entry are
 * unknown and stay out of the mean. A series that stays on its new level jumps once: the day after a jump is one only if it lies
 * above the day before by as much again.
 */
export function absoluteJump(
  costs: ReadonlyMap<Day, Decimal>,
  day: Day,
  rule: AnomalyConfig["absoluteJump"],
): AbsoluteJump | undefined {
  const jump = jumpOn(costs, day, rule);
  const dayBefore = addDays(day, -1);
  if (jump === undefined || jumpOn(costs, dayBefore, rule) === undefined) return jump;
  const before = costs.get(dayBefore);
  return before !== undefined && subtract(jump.amount, before) >= rule.amount ? jump : undefined;
}

/** The days before whose mean a jump is measured with. */
export function weekBefore(costs: ReadonlyMap<Day, Decimal>, day: Day): Day[] {
  return Array.from({ length: DAYS_BEFORE }, (_, index) => addDays(day, -1 - index)).filter((one) => costs.has(one));
}

function jumpOn(
  costs: ReadonlyMap<Day, Decimal>,
  day: Day,
  rule: AnomalyConfig["absoluteJump"],
): AbsoluteJump | undefined {
  const amount = costs.get(day);
  const earlier = weekBefore(costs, day).flatMap((before) => costs.get(before) ?? []);
  if (amount === undefined || earlier.length < DAYS_NEEDED) return undefined;
  const mean = divide(sum(earlier), fromInteger(earlier.length));
  const isJump = subtract(amount, mean) >= rule.amount && amount > multiply(mean, MINIMUM_RATIO);
  return isJump ? { amount, mean } : undefined;
}
