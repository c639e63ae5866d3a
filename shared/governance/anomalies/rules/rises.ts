import type { AnomalyConfig } from "../../../config/types.ts";
import {
  add,
  type Decimal,
  divide,
  formatDecimal,
  formatFixed,
  fromInteger,
  max,
  multiply,
  parseDecimal,
  subtract,
  ZERO,
} from "../../../core/decimal.ts";
import type { Scope } from "../../../core/finding.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { type AbsoluteJump, absoluteJump, weekBefore } from "./absolute-jump.ts";
import { overYesterday } from "./over-yesterday.ts";
import type { DailySeries } from "./read-daily-costs.ts";
import { recentHistory } from "./recent-history.ts";
import { type RuleObservation, ruleObservation, seriesName } from "./types.ts";

const DAY_MINUTES = 1440;
const ONE = fromInteger(1);

type RiseConfig = Pick<AnomalyConfig, "overYesterday" | "absoluteJump" | "rulesOff">;

/**
 * The guide's rule and the absolute jump on one day of one series. Both look upwards only, so a day that is not completely delivered cannot
 * fire by being low, and a rise on it counts, since its cost only grows. `floor` and `amount` are compared in the series' own currency. A day
 * that both rules see is one observation, by the first.
 */
export function riseOn(series: DailySeries, day: Day, config: RiseConfig): RuleObservation | undefined {
  const amount = series.costs.get(day);
  if (amount === undefined) return undefined;
  const points = [addDays(day, -1), day].flatMap((at) => {
    const cost = series.costs.get(at);
    return cost === undefined ? [] : [{ at: Date.parse(at), amount: cost }];
  });
  const { rulesOff = [] } = config;
  const rises = rulesOff.includes("over-yesterday") ? [] : overYesterday(points, DAY_MINUTES, config.overYesterday);
  const rise = rises.find(({ start }) => start === Date.parse(day));
  const jump = rulesOff.includes("absolute-jump") ? undefined : absoluteJump(series.costs, day, config.absoluteJump);
  if (rise !== undefined)
    return observation(series, day, amount, { rule: "over-yesterday", expected: rise.before, jump });
  if (jump !== undefined) return observation(series, day, amount, { rule: "absolute-jump", expected: jump.mean, jump });
  return undefined;
}

/** The same rules where people have called alerts wrong: everything that a rise must exceed is `caution` times as far away. */
export function cautious(config: RiseConfig, caution: number): RiseConfig {
  if (caution <= 1) return config;
  const { overYesterday: over, absoluteJump: jump } = config;
  const factor = parseDecimal(caution.toFixed(6));
  return {
    ...config,
    overYesterday: {
      ...over,
      ratio: add(ONE, multiply(subtract(over.ratio, ONE), factor)),
      floor: multiply(over.floor, factor),
    },
    absoluteJump: { amount: multiply(jump.amount, factor) },
  };
}

interface Verdict {
  rule: "over-yesterday" | "absolute-jump";
  expected: Decimal;
  jump: AbsoluteJump | undefined;
}

function observation(series: DailySeries, day: Day, amount: Decimal, verdict: Verdict): RuleObservation {
  const { rule, expected, jump } = verdict;
  const { currency } = series;
  const scope: Scope = Object.fromEntries(Object.entries(series.keys).map(([name, value]) => [name, [value]]));
  const name = seriesName(series.keys);
  const ratio = expected > 0n ? formatFixed(divide(amount, expected), 2) : undefined;
  const baseline = rule === "over-yesterday" ? "the day before" : "a day in the week before";
  const times = ratio === undefined ? "" : ` (${ratio} ×)`;
  return ruleObservation({
    rule,
    scope,
    currency,
    day,
    raisedOn: day,
    comparedWith: rule === "over-yesterday" ? [addDays(day, -1)] : weekBefore(series.costs, day),
    title: `${name} cost ${formatFixed(amount, 2)} ${currency} on ${day}, against ${formatFixed(expected, 2)} ${baseline}${times}`,
    amount: max(ZERO, subtract(amount, expected)),
    rows: series.rows.get(day) ?? 0,
    isSettled: !series.unsettled.has(day),
    facts: {
      actual: formatDecimal(amount),
      expected: formatDecimal(expected),
      rules: rule === "over-yesterday" && jump !== undefined ? "over-yesterday, absolute-jump" : rule,
      ...(ratio === undefined ? {} : { ratio }),
      ...(jump === undefined ? {} : { meanOfWeekBefore: formatDecimal(jump.mean) }),
      ...recentHistory(series.costs),
    },
  });
}
