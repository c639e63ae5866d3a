import { at } from "../../../core/at.ts";
import type { Learnt } from "./learnt.ts";
import { quantileOf, scratchOf } from "./numbers.ts";
import type { DayModel } from "./types.ts";

/** 80 % of a normal distribution lie within so many deviations. */
export const Z80 = 1.2816;

/**
 * What is believed of any series, in logarithms. Chosen on seeds 11–15 of the cost bench for the least pinball loss with 80 % of months
 * inside, checked on 21–25 (79 %) and for months looked at on the 3rd, 20th and 27th (80, 80, 77 %). The optimum is flat.
 */
const BELIEF = {
  /** Deviation of the sum of three weeks that comes from events nobody can foresee. */
  events: 0.05,
  eventDays: 21,
  /** Deviation that one day of history leaves; it falls with the number of days. */
  short: 2,
  /** Days that a level is made of. */
  levelDays: 14,
};
/** So many independent windows of the series' own past weigh as much as the belief. */
const BELIEF_WINDOWS = 10;
/** A young level may go back: of this share of the way, which halves when it is so many days old. */
const YOUNG = 0.8;
const YOUNG_DAYS = 25;
/** Days out of line that are too few to be a new level may become one: this share of the way. */
const WAITING = 0.7;
/** Longest sum of days that the series' own past is asked about. */
const LONGEST = 28;
const LEAST_SHARE = 0.05;
/** Nothing is believed of what is further off than this: years of days after a few wild ones. */
const MOST_OFF = 3;

/** Error of a sum of days: belief and own back-test, weighed by how much past there is, and wider towards where a level may go. */
export function levelReach(learnt: Learnt): DayModel["reach"] {
  const n = learnt.costs.length;
  const { jump, pending, present } = learnt.segments;
  const age = n - present;
  const back = (YOUNG / (1 + age / YOUNG_DAYS)) * jump;
  const wait = WAITING * pending.off;
  return (days, expected) => {
    const window = Math.max(1, Math.min(days, LONGEST, Math.floor(n / 3)));
    const own = backtest(learnt, window);
    const trust = own.windows / (own.windows + BELIEF_WINDOWS);
    const variance = (1 - trust) * believed(learnt, days) + trust * own.variance * Math.max(1, days / window);
    const off = Math.min(MOST_OFF, Math.sqrt(variance));
    const up = Math.hypot(off, Math.max(0, -back), Math.max(0, wait));
    const down = Math.hypot(off, Math.max(0, back), Math.max(0, -wait));
    return { up: expected * (Math.exp(Z80 * up) - 1), down: expected * (1 - Math.exp(-Z80 * down)) };
  };
}

/** Variance of the logarithm of a sum of days, from the noise of days, the level's and the slope's own errors, and events. */
function believed({ seasons, slope, costs }: Learnt, days: number): number {
  const noise = (seasons.sigma ** 2 * (1 + slope.correlation)) / (1 - slope.correlation);
  const level = noise / Math.min(BELIEF.levelDays, costs.length);
  const growth = slope.error * (days / 2 + BELIEF.levelDays);
  const events = (BELIEF.events ** 2 * days) / BELIEF.eventDays;
  return noise / days + level + growth ** 2 + events + (BELIEF.short / costs.length) ** 2;
}

/** How far sums of so many days were off what the level known before them said, over the series' own past. */
function backtest(learnt: Learnt, window: number): { variance: number; windows: number } {
  const { costs, segments, slope } = learnt;
  const { expected, actual } = cumulated(learnt);
  const off = scratchOf(costs.length);
  let count = 0;
  for (let origin = Math.min(14, costs.length >> 2); origin + window < costs.length; origin += 1) {
    const level = at(segments.levels, origin) - slope.perDay * origin;
    const forecast = Math.exp(level) * (at(expected, origin + 1 + window) - at(expected, origin + 1));
    const sum = at(actual, origin + 1 + window) - at(actual, origin + 1);
    if (forecast > 0) off[count++] = Math.abs(Math.log(Math.max(sum / forecast, LEAST_SHARE)));
  }
  const deviation = quantileOf(off, count, 0.8) / Z80;
  return { variance: deviation ** 2, windows: count / window };
}

/** Sums up to each day of what a level of 1 would be, and of what was; days that are unknown or special are in neither. */
function cumulated({ costs, calendar, seasons, slope, habit }: Learnt): {
  expected: Float64Array;
  actual: Float64Array;
} {
  const expected = new Float64Array(costs.length + 1);
  const actual = new Float64Array(costs.length + 1);
  for (let i = 0; i < costs.length; i += 1) {
    const counts = !Number.isNaN(at(costs, i)) && Number.isNaN(at(seasons.places, at(calendar.place, i)));
    const factor = at(seasons.weekdays, at(calendar.weekday, i)) * habit * Math.exp(slope.perDay * i);
    expected[i + 1] = at(expected, i) + (counts ? factor : 0);
    actual[i + 1] = at(actual, i) + (counts ? at(costs, i) : 0);
  }
  return { expected, actual };
}
