import { at } from "../../core/at.ts";
import type { Completeness } from "./completeness.ts";
import { estimateCompleteness, logShare } from "./estimate.ts";

/** Periods that are learnt from; older ones are forgotten. */
const WINDOW = 40;
/** Ages of periods that may still move. Older ones count as final. */
const AGES = 5;
/** A period below this part of the usual one says nothing: a rounding is not a lag. */
const TINY = 0.001;

interface LagLearnerSettings {
  /** How many ages are learnt; at this age a period is final. */
  ages?: number;
  /** Final periods that are learnt from. */
  window?: number;
  /** Before there is enough to learn from. Default: complete and still. */
  prior?: (age: number) => Completeness;
}

/**
 * Learns from successive looks at one series how complete its newest periods are. Periods are consecutive integers; the age of one is
 * its distance from the newest period that is known at that look. Cheap to ask after every look.
 */
export interface LagLearner {
  /** At a look whose newest known period is `newest`, `period` costs `known`. Unchanged periods need not be told again. */
  see(newest: number, period: number, known: number): void;
  /** Per age, `[0]` of the newest period: what `KnownSeries.completeness` wants. */
  completeness(): readonly Completeness[];
}

/** A period first seen when it was final already (a backfill) teaches nothing. Later restatements of a final period move its final value. */
export function createLagLearner(settings: LagLearnerSettings = {}): LagLearner {
  const { ages = AGES, window = WINDOW, prior = () => ({ share: 1, spread: 0 }) } = settings;
  const kept = window + ages;
  // Place `p mod kept` holds one period: what was known at each age (NaN: not told), its final value and its logarithms.
  const known = new Float64Array(kept * ages).fill(Number.NaN);
  const final = new Float64Array(kept).fill(Number.NaN);
  const logs = new Float64Array(kept * ages).fill(Number.NaN);
  const scratch = new Float64Array(window);
  let newest = Number.NEGATIVE_INFINITY;
  let answer: Completeness[] | undefined;

  const placeOf = (period: number) => ((period % kept) + kept) % kept;

  function forget(place: number): void {
    known.fill(Number.NaN, place * ages, (place + 1) * ages);
    logs.fill(Number.NaN, place * ages, (place + 1) * ages);
    final[place] = Number.NaN;
  }

  function advance(to: number): void {
    const from = Math.max(newest + 1, to - kept + 1);
    for (let period = from; period <= to; period += 1) forget(placeOf(period));
    // What has become final now: `ages` behind.
    const first = Math.max(newest + 1 - ages, to - kept + 1);
    newest = to;
    for (let period = first; period <= to - ages; period += 1) learn(placeOf(period));
    answer = undefined;
  }

  function see(at: number, period: number, value: number): void {
    if (at > newest) advance(at);
    const age = newest - period;
    if (age < 0 || age >= kept) return;
    const place = placeOf(period);
    final[place] = value;
    if (age < ages) known[place * ages + age] = value;
    else learn(place);
    answer = undefined;
  }

  /** Logarithms of a period that is final: what was known at an age holds until it is told anew. */
  function learn(place: number): void {
    const end = at(final, place);
    let last = Number.NaN;
    for (let age = 0; age < ages; age += 1) {
      const told = at(known, place * ages + age);
      if (!Number.isNaN(told)) last = told;
      logs[place * ages + age] = logShare(last, end, 0) ?? Number.NaN;
    }
  }

  function usual(): number {
    let count = 0;
    for (let period = newest - ages; period > newest - ages - window; period -= 1) {
      const value = at(final, placeOf(period));
      if (value > 0) scratch[count++] = value;
    }
    return count === 0 ? 0 : at(scratch.subarray(0, count).sort(), count >> 1);
  }

  function atAge(age: number, tiny: number): Completeness {
    let count = 0;
    for (let period = newest - ages; period > newest - ages - window; period -= 1) {
      const place = placeOf(period);
      const log = at(logs, place * ages + age);
      if (!Number.isNaN(log) && at(final, place) > tiny) scratch[count++] = log;
    }
    return estimateCompleteness(scratch, count, prior(age));
  }

  function completeness(): readonly Completeness[] {
    if (answer !== undefined) return answer;
    const tiny = Number.isFinite(newest) ? usual() * TINY : 0;
    answer = Array.from({ length: ages }, (_none, age) => (Number.isFinite(newest) ? atAge(age, tiny) : prior(age)));
    return answer;
  }

  return { see, completeness };
}
