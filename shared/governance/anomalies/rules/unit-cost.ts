import type { AnomalyConfig } from "../../../config/types.ts";
import { add, type Decimal, divide, fromInteger, multiply, subtract, sum, ZERO } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { median } from "./median.ts";

/** Days before the drift whose median is the usual unit cost. */
const DAYS_BEFORE = 28;
/** With fewer of them nobody can say what is usual. */
const DAYS_NEEDED = 7;
/** A day is comparable whose quantity lies within a quarter of the usual and four times as much: prices by volume change with use. */
const COMPARABLE = 4n;

const ONE = fromInteger(1);

/** Cost and quantity of one price on one day. */
export interface UsedDay {
  day: Day;
  effective: Decimal;
  list: Decimal;
  quantity: Decimal;
}

export interface UnitCostDrift {
  /** First day of the run. */
  since: Day;
  /** The day on which it had lasted long enough. */
  confirmed: Day;
  /** Cost of one unit: before, and over the run. */
  usual: Decimal;
  now: Decimal;
  /** Money over (or, below zero, under) the usual unit cost × what was used in the run. */
  excess: Decimal;
  /** The list price did not move along: it is the discount that did. Undefined where there is no list price. */
  isDiscount: boolean | undefined;
}

/**
 * The newest run of at least `rule.days` days of use on which a unit cost more than `rule.ratio` × the median of the (up to) 28 days of use
 * before, or less than that median ÷ `ratio`, while the quantity stays comparable. `used` has days of use only, oldest first. A day on which
 * nothing was used, or on which the quantity is not comparable, says nothing and ends the run. The run has to reach the newest day of use.
 */
export function unitCostDrift(
  used: readonly UsedDay[],
  rule: Pick<AnomalyConfig["unitCost"], "ratio" | "days">,
): UnitCostDrift | undefined {
  const newest = used.at(-1);
  if (newest === undefined) return undefined;
  for (const direction of ["up", "down"] as const) {
    // Without a day that the newest one is far from there is no drift, which is so almost always and quickly seen.
    if (!used.some((one) => isOff(unitCost(newest), unitCost(one), { ...rule, direction }))) continue;
    // The longest run that ends now: an earlier start has fewer drifted days in what counts as usual.
    for (let start = 0; start + rule.days <= used.length; start += 1) {
      const drift = driftSince(used, start, { ...rule, direction });
      if (drift !== undefined) return drift;
    }
  }
  return undefined;
}

type DirectedRule = Pick<AnomalyConfig["unitCost"], "ratio" | "days"> & { direction: "up" | "down" };

function driftSince(used: readonly UsedDay[], start: number, rule: DirectedRule): UnitCostDrift | undefined {
  const run = used.slice(start);
  const [first] = run;
  const confirmed = run[rule.days - 1];
  if (first === undefined || confirmed === undefined) return undefined;
  const before = used.slice(0, start).filter(({ day }) => day >= addDays(first.day, -DAYS_BEFORE));
  if (before.length < DAYS_NEEDED) return undefined;
  const usual = median(before.map(unitCost));
  const quantity = median(before.map((one) => one.quantity));
  if (usual === undefined || quantity === undefined || usual <= 0n) return undefined;
  const isIn = (one: UsedDay) =>
    one.quantity * COMPARABLE >= quantity && one.quantity <= quantity * COMPARABLE && isOff(unitCost(one), usual, rule);
  if (!run.every(isIn)) return undefined;
  const units = sum(run.map((one) => one.quantity));
  const cost = sum(run.map((one) => one.effective));
  const excess = subtract(cost, multiply(usual, units));
  return {
    since: first.day,
    confirmed: confirmed.day,
    usual,
    now: divide(cost, units),
    excess,
    isDiscount: isDiscount(before, run, rule),
  };
}

function isOff(now: Decimal, usual: Decimal, { ratio, direction }: DirectedRule): boolean {
  return direction === "up" ? now > multiply(usual, ratio) : multiply(now, ratio) < usual;
}

/** Unless the list price went at least half of the rule's way in the same direction. */
function isDiscount(
  before: readonly UsedDay[],
  run: readonly UsedDay[],
  { ratio, direction }: DirectedRule,
): boolean | undefined {
  const was = median(before.map((one) => divide(one.list, one.quantity))) ?? ZERO;
  const is = median(run.map((one) => divide(one.list, one.quantity))) ?? ZERO;
  const half = divide(add(ratio, ONE), fromInteger(2));
  if (was <= 0n || is <= 0n) return undefined;
  return direction === "up" ? is < multiply(was, half) : multiply(is, half) > was;
}

function unitCost({ effective, quantity }: UsedDay): Decimal {
  return divide(effective, quantity);
}
