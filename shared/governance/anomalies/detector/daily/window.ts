import { DAY_MS, type KnownSeries, type Sensitivity } from "../../types.ts";
import { at, clamp, median } from "./numbers.ts";

/** Periods that are looked back on. */
export const WINDOW = 120;
/** An amount at or below this share of a usual one counts as this share: the logarithm of 0 or of a credit says nothing. */
const LEAST_SHARE = 0.05;

/** The newest periods as logarithms of what they will be when complete, with what the calendar says about each. */
export interface Window {
  /** Index of the first period in the series. */
  offset: number;
  length: number;
  /** Logarithm of the corrected cost; NaN where nothing is known or a person announced something. */
  y: Float64Array;
  /** Variance that incompleteness adds. */
  spread2: Float64Array;
  /** 0 … 6; always 0 where a period is not a day. */
  weekday: Uint8Array;
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
  const floor = usual(known.costs, window.offset, total) * LEAST_SHARE;
  for (let i = 0; i < window.length; i++) {
    const age = window.length - 1 - i;
    const complete = known.completeness[age];
    const cost = at(known.costs, window.offset + i) / (complete?.share ?? 1);
    window.y[i] = Math.log(Math.max(cost, floor));
    window.spread2[i] = (complete?.spread ?? 0) ** 2;
  }
  fillCalendar(window, known);
  applyAnswers(window, known, sensitivity);
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

const betweenTheYears = (month: number, day: number) => (month === 11 && day >= 22) || (month === 0 && day <= 3);

function applyAnswers(window: Window, known: KnownSeries, sensitivity: Sensitivity): void {
  const first = known.start + window.offset * known.step;
  const indexOf = (time: number) => Math.ceil((time - first) / known.step);
  for (const { from, to } of sensitivity.planned) {
    const end = clamp(indexOf(to), 0, window.length);
    for (let i = clamp(Math.floor((from - first) / known.step), 0, window.length); i < end; i++) window.y[i] = Number.NaN;
  }
  window.fresh.fill(0);
  for (const time of sensitivity.newLevels) {
    const index = indexOf(time);
    if (index >= 0 && index < window.length) window.fresh[index] = 1;
  }
}
