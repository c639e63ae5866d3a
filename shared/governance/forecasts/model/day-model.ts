import { at } from "../../../core/at.ts";
import { DAY_MS } from "../../anomalies/types.ts";
import { growingLevel } from "./growing-level.ts";
import { runRate } from "./run-rate.ts";
import type { DayModel } from "./types.ts";

/** With fewer days a series has no level, only a rate. */
const TWO_WEEKS = 14;
/** A series with more days of nothing than this, weekdays that never cost anything aside, has no level. */
const MANY_EMPTY = 0.2;

/**
 * Learns a series of daily costs (NaN: unknown) that starts at `start` (milliseconds, start of a UTC day). Credits, which are costs below
 * zero, are learnt like costs.
 */
export function dayModelOf(costs: Float64Array, start: number): DayModel {
  const first = costs.findIndex((cost) => cost !== 0 && !Number.isNaN(cost));
  // Days before the first cost are days before the series, not days of nothing.
  const own = first > 0 ? costs.subarray(first) : costs;
  const model = modelOf(own, start + Math.max(0, first) * DAY_MS);
  return first <= 0 ? model : { ...model, expected: (index) => (index < first ? 0 : model.expected(index - first)) };
}

function modelOf(costs: Float64Array, start: number): DayModel {
  let sum = 0;
  for (const cost of costs) if (!Number.isNaN(cost)) sum += cost;
  if (sum < 0)
    return negated(
      modelOf(
        costs.map((cost) => -cost),
        start,
      ),
    );
  return hasLevel(costs) ? growingLevel(costs, start) : runRate(costs, start);
}

function negated(model: DayModel): DayModel {
  return {
    expected: (index) => -model.expected(index),
    sigma: model.sigma,
    reach: (days, expected) => {
      const { down, up } = model.reach(days, -expected);
      return { down: up, up: down };
    },
  };
}

/** Whether nearly all days cost something, but for weekdays that hardly ever do. */
function hasLevel(costs: Float64Array): boolean {
  const known = new Float64Array(7);
  const empty = new Float64Array(7);
  for (let i = 0; i < costs.length; i += 1) {
    if (Number.isNaN(at(costs, i))) continue;
    known[i % 7] = at(known, i % 7) + 1;
    if (at(costs, i) <= 0) empty[i % 7] = at(empty, i % 7) + 1;
  }
  let [days, none, all] = [0, 0, 0];
  for (let weekday = 0; weekday < 7; weekday += 1) {
    all += at(known, weekday);
    if (at(empty, weekday) > 0.8 * at(known, weekday)) continue;
    days += at(known, weekday);
    none += at(empty, weekday);
  }
  return all >= TWO_WEEKS && days >= all / 2 && none <= MANY_EMPTY * days;
}
