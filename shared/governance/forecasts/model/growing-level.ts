import { at } from "../../../core/at.ts";
import { AHEAD, type Calendar, calendarOf } from "./calendar.ts";
import type { Learnt } from "./learnt.ts";
import { type Seasons, seasonsOf } from "./seasons.ts";
import { type Segments, segmentsOf } from "./segments.ts";
import { NO_SLOPE, slopeOf } from "./slope.ts";
import { levelReach } from "./spread.ts";
import type { DayModel } from "./types.ts";

/** A day is out of line when its logarithm is off by so many deviations, and by at least this much. */
const OUT_OF_LINE = 4;
const LEAST_OFF = 0.06;
/** Days after which a day counts half in the level. */
const HALF_LIFE = 14;
/** The newest day counts half: it is the least complete. */
const NEWEST = 0.5;
/** Growth fades: after so many days it is down to a third. */
const FADING = 60;
/** Episodes of the last days that make them a habit rather than an accident. */
const HABIT = 3;
const HABIT_DAYS = 100;
/** What a day without cost counts as, as a logarithm: far below everything. */
const NOTHING = -3;

/**
 * Level × weekday × growth, plus what days of the month add. A lasting step is the new level after four days, what comes back from an
 * excursion after one; a few dear days change nothing, unless they recur.
 */
export function growingLevel(costs: Float64Array, start: number): DayModel {
  const calendar = calendarOf(start, costs.length + AHEAD);
  const seasons = seasonsOf(costs, calendar);
  const logarithms = logarithmsOf(seasons, calendar);
  const threshold = Math.max(LEAST_OFF, OUT_OF_LINE * seasons.sigma);
  let segments = segmentsOf(logarithms, 0, threshold);
  let slope = NO_SLOPE;
  for (let round = 0; round < 2; round += 1) {
    slope = slopeOf(segments.inLine, segments.segments, slope.perDay);
    segments = segmentsOf(logarithms, slope.perDay, threshold);
  }
  const level = presentLevel(segments, slope.perDay);
  const habit = habitOf(segments, costs.length);
  const learnt: Learnt = { costs, calendar, seasons, segments, slope, level, habit };
  return {
    expected: expectation(learnt, start),
    sigma: seasons.sigma,
    reach: levelReach(learnt),
  };
}

/** NaN: unknown, or special and therefore not part of the level. */
function logarithmsOf({ adjusted, medians, places }: Seasons, calendar: Calendar): Float64Array {
  return adjusted.map((value, i) => {
    if (Number.isNaN(value) || !Number.isNaN(at(places, at(calendar.place, i)))) return Number.NaN;
    if (value > 0) return Math.log(value);
    return at(medians, i) > 0 ? Math.log(at(medians, i)) + NOTHING : Number.NaN;
  });
}

/** Mean of the present segment's days, the newest weighing most. */
function presentLevel({ inLine, present, levels }: Segments, slope: number): number {
  const last = inLine.length - 1;
  let [sum, weights] = [0, 0];
  for (let i = present; i <= last; i += 1) {
    if (Number.isNaN(at(inLine, i))) continue;
    const weight = 0.5 ** ((last - i) / HALF_LIFE) * (i === last ? NEWEST : 1);
    sum += weight * at(inLine, i);
    weights += weight;
  }
  return weights > 0 ? sum / weights + slope * last : at(levels, last);
}

function habitOf({ episodes }: Segments, days: number): number {
  const up = episodes.filter((episode) => episode.excess > 0 && episode.at >= days - HABIT_DAYS);
  if (up.length < HABIT) return 1;
  return 1 + up.reduce((sum, { excess }) => sum + excess, 0) / Math.min(days, HABIT_DAYS);
}

function expectation({ costs, calendar, seasons, slope, level, habit }: Learnt, start: number): DayModel["expected"] {
  const last = costs.length - 1;
  let ahead = calendar;
  return (index) => {
    if (index >= ahead.place.length) ahead = calendarOf(start, 2 * index);
    const growth = slope.perDay * FADING * (1 - Math.exp(-(index - last) / FADING));
    const base = Math.exp(level + growth);
    const special = at(seasons.places, at(ahead.place, index));
    return base * (at(seasons.weekdays, at(ahead.weekday, index)) * habit + (Number.isNaN(special) ? 0 : special));
  };
}
