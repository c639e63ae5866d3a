import { DAY_MS, type KnownSeries, type Sensitivity } from "../../types.ts";
import { at, clamp, median } from "./numbers.ts";

/** Periods that are looked back on. */
export const WINDOW = 120;
/** Periods of history below which statistics say nothing. */
export const LEAST_HISTORY = 14;
/** An amount below this share of a usual one counts as this share: the logarithm of nothing or of a credit says nothing. */
const LEAST_SHARE = 0.05;

/** The newest periods as logarithms of what they will be when complete, with what the calendar says about each. */
export interface Window {
  /** Index of the first period in the series. */
  offset: number;
  length: number;
  /** First onset that can be judged: enough is known before it, and no person has said since that a new level begins. */
  from: number;
  /** Logarithm of the least amount that is told apart from nothing. */
  least: number;
  /** Logarithm of the corrected cost; NaN where nothing is known or a person announced something. */
  y: Float64Array;
  /** Variance that incompleteness adds. */
  spread2: Float64Array;
  /** 0 … 6; always 0 where a period is not a day. */
  weekday: Uint8Array;
  /** 1 … 31; 0 where a period is not a day. */
  dayOfMonth: Uint8Array;
  /** 1 between the years, when many things rest. */
  season: Uint8Array;
  /** 1 where a person said that a new level begins. */
  fresh: Uint8Array;
}

export function createWindow(): Window {
  return {
    offset: 0,
    length: 0,
    from: 0,
    least: 0,
    y: new Float64Array(WINDOW),
    spread2: new Float64Array(WINDOW),
    weekday: new Uint8Array(WINDOW),
    dayOfMonth: new Uint8Array(WINDOW),
    season: new Uint8Array(WINDOW),
    fresh: new Uint8Array(WINDOW),
  };
}

const scratch = new Float64Array(WINDOW);

/** Fills `window` with the newest periods of the series. */
export function fillWindow(window: Window, known: KnownSeries, sensitivity: Sensitivity): void {
  const total = known.costs.length;
  window.length = Math.min(WINDOW, total);
  window.offset = total - window.length;
  const least = usual(known.costs, window.offset, total) * LEAST_SHARE;
  window.least = Math.log(least);
  for (let i = 0; i < window.length; i++) {
    const complete = known.completeness[window.length - 1 - i];
    const cost = at(known.costs, window.offset + i) / (complete?.share ?? 1);
    window.y[i] = Math.log(Math.max(cost, least));
    window.spread2[i] = (complete?.spread ?? 0) ** 2;
  }
  fillCalendar(window, known);
  maskPlanned(window, known, sensitivity);
  window.from = firstOnset(window, known, sensitivity);
}

/** Median of the positive amounts. */
function usual(costs: Float64Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (at(costs, i) > 0) scratch[count++] = at(costs, i);
  return count === 0 ? Number.MIN_VALUE / LEAST_SHARE : median(scratch, count);
}

function fillCalendar(window: Window, known: KnownSeries): void {
  const daily = known.step === DAY_MS;
  const date = new Date(0);
  for (let i = 0; i < window.length; i++) {
    date.setTime(known.start + (window.offset + i) * known.step);
    const day = date.getUTCDate();
    window.weekday[i] = daily ? date.getUTCDay() : 0;
    window.dayOfMonth[i] = daily ? day : 0;
    window.season[i] = betweenTheYears(date.getUTCMonth(), day) ? 1 : 0;
  }
}

/** Christmas week to the first working days of January, by which most businesses in the Gregorian calendar have paused and resumed. */
const betweenTheYears = (month: number, day: number) => (month === 11 && day >= 22) || (month === 0 && day <= 3);

function maskPlanned(window: Window, known: KnownSeries, sensitivity: Sensitivity): void {
  const first = known.start + window.offset * known.step;
  for (const { from, to } of sensitivity.planned) {
    const end = clamp(Math.ceil((to - first) / known.step), 0, window.length);
    for (let i = clamp(Math.floor((from - first) / known.step), 0, end); i < end; i++) window.y[i] = Number.NaN;
  }
}

function firstOnset(window: Window, known: KnownSeries, sensitivity: Sensitivity): number {
  let from = 0;
  while (from < window.length && Number.isNaN(at(window.y, from))) from++;
  from += LEAST_HISTORY;
  window.fresh.fill(0);
  for (const time of sensitivity.newLevels) {
    const index = Math.ceil((time - known.start) / known.step) - window.offset;
    if (index < 0 || index >= window.length) continue;
    window.fresh[index] = 1;
    from = Math.max(from, index + 1);
  }
  return from;
}
