import { agreement, type Evidence, weigh } from "./evidence.ts";
import { habit } from "./excursions.ts";
import { type Forecast, forecastFrom, forecastVariance } from "./forecast.ts";
import { at } from "./numbers.ts";
import type { Reading } from "./reading.ts";
import type { Dial } from "./thresholds.ts";

/** A cause that would explain the newest periods. Periods are indices of the window. */
export interface Candidate {
  /** Logarithm of the Bayes factor against "nothing but what this series does by itself". */
  score: number;
  /** Logarithm of the ratio to the expected amount. */
  effect: number;
  onset: number;
  end: number;
  /** The period that tells most. */
  at: number;
  ramp: boolean;
}

/** Longest change to a new level that is looked for; a fall is told while it is fresh. */
const LONGEST_STEP = 14;
const LONGEST_FALL = 7;
/** Causes of up to this many days are bursts: they may have ended, and every day has to show them. */
const LONGEST_BURST = 3;
const STEP_AGREEMENT = 0.7;
/** Bursts that ended this many periods ago are looked at again, as their amounts still move. */
const STILL_MOVING = 2;
/** Where the end of a ramp lies on average when its periods are weighted by its height. */
const RAMP_LEAD = 0.85;
/** Effects worth telling are spread evenly over the logarithms of 10 % to 150 %; below the least they fade away. */
const EFFECT_RANGE = 2.7;
const LEAST_EFFECT = 0.1;
/** A fall costs nobody money: it needs twice the evidence. */
const FALL = 0.75;
/** Below three tenths of the expected amount one day alone looks like a credit, or a bill that is not there yet. */
const COLLAPSE = Math.log(0.3);
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** Every cause that ends with one of the newest periods, judged by the forecast made before it began. */
export function findCandidates(reading: Reading, dial: Dial): Candidate[] {
  const found: Candidate[] = [];
  const last = reading.window.length - 1;
  for (let days = 1; days <= LONGEST_STEP && last - days + 1 >= reading.window.from; days++) {
    const onset = last - days + 1;
    const forecast = forecastFrom(reading, onset);
    addIf(found, judge(reading, forecast, dial, onset, last, false));
    for (let end = last - 1; end >= Math.max(onset, last - STILL_MOVING); end--) {
      if (end - onset < LONGEST_BURST) addIf(found, judge(reading, forecast, dial, onset, end, false));
    }
  }
  for (const days of dial.ramps) {
    const onset = last - days + 1;
    if (onset >= reading.window.from)
      addIf(found, judge(reading, forecastFrom(reading, onset), dial, onset, last, true));
  }
  return found;
}

function addIf(found: Candidate[], candidate: Candidate | undefined): void {
  if (candidate !== undefined) found.push(candidate);
}

function judge(
  reading: Reading,
  forecast: Forecast,
  dial: Dial,
  onset: number,
  end: number,
  ramp: boolean,
): Candidate | undefined {
  const { window, noise } = reading;
  const evidence = weigh(window, forecast, noise, onset, end, ramp);
  if (evidence === undefined || isDismissed(reading, forecast, dial, evidence, onset, end, ramp)) return undefined;
  const days = end - onset + 1;
  const score = scoreOf(reading, evidence, onset, days, ramp);
  return { score, effect: evidence.effect, onset, end, at: mostTelling(forecast, evidence, onset, end), ramp };
}

function isDismissed(
  reading: Reading,
  forecast: Forecast,
  dial: Dial,
  { effect }: Evidence,
  onset: number,
  end: number,
  ramp: boolean,
): boolean {
  const days = end - onset + 1;
  if (effect < 0 && (ramp || days > LONGEST_FALL)) return true;
  if (effect < COLLAPSE && days === 1 && mayBeCredit(reading, dial, end)) return true;
  return agreement(forecast, effect, onset, end, ramp) < (days <= LONGEST_BURST ? 1 : STEP_AGREEMENT);
}

/** One day's collapse waits for a second day, but the loosest dial hears at once if the day is new and there is some amount. */
function mayBeCredit({ window }: Reading, dial: Dial, day: number): boolean {
  return dial.patient || day < window.length - 1 || at(window.y, day) <= window.least + 0.1;
}

function scoreOf(reading: Reading, evidence: Evidence, onset: number, days: number, ramp: boolean): number {
  const { window, track, noise, excursions } = reading;
  const lead = ramp ? days * RAMP_LEAD : (days + 1) / 2;
  const level = forecastVariance(track, window, noise, onset, days, lead) + reading.wander * lead;
  // a level that is uncertain by itself explains part of the ratio
  const ratio = (evidence.ratio * evidence.variance) / (evidence.variance + level);
  const size = Math.abs(evidence.effect);
  const prior = 1 / (size * EFFECT_RANGE * (1 + (LEAST_EFFECT / size) ** 4));
  const occam = Math.log(Math.min(1, Math.sqrt(evidence.variance + level) * ROOT_TWO_PI * prior));
  const score = ratio + occam - (evidence.effect < 0 ? FALL : 0);
  return -Math.log(Math.exp(-score) + habit(excursions, evidence.effect, onset, days, ramp));
}

/** Of a burst the day furthest out, else the newest that is off in this direction. */
function mostTelling(forecast: Forecast, { effect, newest }: Evidence, onset: number, end: number): number {
  let chosen = newest;
  if (end - onset >= LONGEST_BURST) {
    while (chosen > onset && !(at(forecast.error, chosen) * effect > 0)) chosen--;
    return chosen;
  }
  for (let t = onset; t <= end; t++)
    if (at(forecast.error, t) * effect > at(forecast.error, chosen) * effect) chosen = t;
  return chosen;
}
