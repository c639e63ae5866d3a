import { addMonths, dayOf } from "../../../../shared/core/period.ts";
import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import type { Completeness } from "../../../../shared/ledger/completeness/completeness.ts";
import { createLagLearner } from "../../../../shared/ledger/completeness/lag-learner.ts";
import { type BenchCharacter, drawCharacter } from "../cost-bench/lib/baseline.mjs";
import { createRandom } from "../cost-bench/lib/random.mjs";
import { type BenchObservation, createSeries } from "../cost-bench/lib/series.mjs";
import { SETTINGS } from "../cost-bench/lib/settings.mjs";

/** An event of the generator, in days of its series. */
export interface Event {
  type: "spike" | "step" | "leak" | "drop";
  size: number;
  start: number;
  end: number;
  /** Cost too much, or too little for a drop, per day. */
  excess: readonly number[];
}

export interface BenchSeries {
  name: string;
  /** Milliseconds of day 0. */
  start: number;
  final: Float64Array;
  events: readonly Event[];
  character: BenchCharacter;
}

/** What a forecaster is shown on one morning: days up to yesterday as known then, and which days it is asked about. */
export interface Question {
  series: BenchSeries;
  known: Float64Array;
  completeness: readonly Completeness[];
  /** Day of the series on which is asked: the first that nothing is known of. */
  asked: number;
  /** The month, in days of the series. */
  first: number;
  past: number;
}

/** One question per month of a series, on the morning of a day of the month; only whole months after the warm-up. */
export function* questionsOf(seed: number, index: number, dayOfMonth: number): Generator<Question> {
  const { observations, series } = readSeries(seed, index);
  const lags = createLagLearner();
  const known = new Float64Array(SETTINGS.days).fill(Number.NaN);
  let next = 0;
  for (let asked = 1; asked <= SETTINGS.days; asked += 1) {
    for (; next < observations.length && lookOf(observations[next], series.start) <= asked; next += 1) {
      const row = observations[next];
      if (row === undefined) break;
      const day = dayIn(series.start, row.charge_time);
      known[day] = row.cost;
      lags.see(asked - 1, day, row.cost);
    }
    const month = monthAt(series.start, asked);
    const isAsked = month.day === dayOfMonth && asked >= SETTINGS.warmupDays && month.past <= SETTINGS.days;
    if (!isAsked || month.first < 0) continue;
    const { first, past } = month;
    yield { series, known: known.slice(0, asked), completeness: lags.completeness(), asked, first, past };
  }
}

function readSeries(seed: number, index: number): { observations: BenchObservation[]; series: BenchSeries } {
  const { observations, label } = createSeries(seed, index, SETTINGS);
  // The same draws as the generator's, in its order: where the series starts, and what kind it is.
  const random = createRandom(seed * 100003 + index * 7919 + 17);
  const start = Date.parse(SETTINGS.startDate) + random.int(SETTINGS.startJitterDays) * DAY_MS;
  const character = drawCharacter(random, SETTINGS);
  const final = new Float64Array(SETTINGS.days);
  for (const row of observations) final[dayIn(start, row.charge_time)] = row.cost;
  const events = label.events.map((event) => ({
    ...event,
    start: dayIn(start, event.start),
    end: dayIn(start, event.end),
  }));
  return { observations, series: { name: label.series, start, final, events, character } };
}

function dayIn(start: number, instant: string): number {
  return Math.round((Date.parse(instant) - start) / DAY_MS);
}

function lookOf(row: BenchObservation | undefined, start: number): number {
  return Math.floor((Date.parse(row?.observed_at ?? "") - start) / DAY_MS);
}

/** The month that a day of a series lies in, in days of the series. */
function monthAt(start: number, index: number): { day: number; first: number; past: number } {
  const date = dayOf(new Date(start + index * DAY_MS));
  const day = Number(date.slice(8));
  return { day, first: index - day + 1, past: dayIn(start, `${addMonths(date.slice(0, 7), 1)}-01`) };
}
