import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import { type BenchCharacter, drawCharacter } from "../cost-bench/lib/baseline.mjs";
import { createRandom } from "../cost-bench/lib/random.mjs";
import { type BenchLabel, createSeries } from "../cost-bench/lib/series.mjs";
import { SETTINGS } from "../cost-bench/lib/settings.mjs";

/** Looks after which a day is final. */
const LOOKS = 3;

/** A series of the generator with everything that it drew, which no detector knows. */
export interface OpenSeries {
  label: BenchLabel;
  /** Milliseconds of day 0. */
  start: number;
  character: BenchCharacter;
  /** Logarithm of what a day would cost without noise, jobs, refunds and events. */
  baseline: Float64Array;
  /** Per look at a day: logarithm of the amount, were it complete, over the baseline; and the deviation of what incompleteness leaves open. */
  errors: readonly Float64Array[];
  spreads: readonly number[];
}

/** The same draws as the generator's, in its order. */
export function openSeries(seed: number, index: number): OpenSeries {
  const { observations, label } = createSeries(seed, index, SETTINGS);
  const random = createRandom(seed * 100003 + index * 7919 + 17);
  const start = Date.parse(SETTINGS.startDate) + random.int(SETTINGS.startJitterDays) * DAY_MS;
  const character = drawCharacter(random, SETTINGS);
  const baseline = Float64Array.from({ length: SETTINGS.days }, (_none, day) =>
    Math.log(usualCost(character, start, day)),
  );
  const views = Array.from({ length: LOOKS }, () => new Float64Array(SETTINGS.days));
  for (const row of observations) {
    const day = (Date.parse(row.charge_time) - start) / DAY_MS;
    const look = Math.floor((Date.parse(row.observed_at) - start) / DAY_MS) - day - 1;
    for (let later = look; later < LOOKS; later++) (views[later] as Float64Array)[day] = row.cost;
  }
  const shares = views.map((view) => shareOf(view, views[LOOKS - 1] as Float64Array));
  const errors = views.map((view, look) =>
    view.map((cost, day) => errorOf(cost, (shares[look] as Share).middle, baseline[day] as number)),
  );
  return {
    label: { ...label, series: `${seed}-${label.series}` },
    start,
    character,
    baseline,
    errors,
    spreads: shares.map((share) => share.spread),
  };
}

interface Share {
  middle: number;
  spread: number;
}

/** Mean and deviation of the logarithm of what a look shows of a day, over all days. */
function shareOf(view: Float64Array, final: Float64Array): Share {
  const logs = Array.from(view, (cost, day) => Math.log(cost / (final[day] as number))).filter(Number.isFinite);
  const middle = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return { middle, spread: Math.sqrt(logs.reduce((sum, log) => sum + (log - middle) ** 2, 0) / logs.length) };
}

/** A day without cost, or a refund, lies this far below. */
const NOTHING = -4;

function errorOf(cost: number, middle: number, baseline: number): number {
  return cost > 0 ? Math.max(NOTHING, Math.log(cost) - middle - baseline) : NOTHING;
}

function usualCost(c: BenchCharacter, start: number, day: number): number {
  const date = new Date(start + day * DAY_MS);
  const monthDay = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  const drift = c.wiggle * Math.sin((day / c.wigglePeriod) * 6.283 + c.wigglePhase);
  const dip = monthDay >= 1224 || monthDay <= 101 ? 1 - c.yearEndDip : 1;
  const level = c.level * Math.exp(c.growthPerDay * day);
  const fee = date.getUTCDate() === 1 ? level * c.monthStartFee : 0;
  return level * Math.exp(drift) * (c.weekdayFactor[date.getUTCDay()] ?? 1) * dip + fee;
}
