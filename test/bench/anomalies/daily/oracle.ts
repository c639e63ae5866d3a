import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import type { BenchAlert, BenchMetrics } from "../cost-bench/lib/metrics.mjs";
import { measure } from "../cost-bench/lib/metrics.mjs";
import { SETTINGS, VERSION } from "../cost-bench/lib/settings.mjs";
import { densityOf, type LogDensity } from "./oracle-likelihood.ts";
import { type OpenSeries, openSeries } from "./oracle-series.ts";

/** What a morning's look says: how much likelier the days are with one of the events the generator draws, and since when. */
interface OracleLook {
  look: number;
  score: number;
  onset: number;
}

/** One way an event may lie: what it adds, as a logarithm, on each day since its onset. */
interface Shape {
  weight: number;
  added: readonly number[];
  /** Longest time since the onset after which it is still of use. */
  longest: number;
}

const SIZES = [0.25, 0.5, 1, 3];
const DROP_SIZES = [0.25, 0.5, 0.9, 1];
const NOTHING_LEFT = -4;

const shapes: readonly Shape[] = [
  ...SIZES.flatMap((size) => [1, 2, 3].map((days) => flat(Math.log1p(size), days, days + 2, 1 / 12))),
  ...SIZES.map((size) => flat(Math.log1p(size), 60, 10, 1 / 4)),
  ...SIZES.flatMap((size) => [25, 33, 40].map((days) => ramp(size, days))),
  ...DROP_SIZES.flatMap((size) =>
    [2, 3, 4, 5, 6, 7].map((days) => flat(Math.max(NOTHING_LEFT, Math.log(1 - size)), days, days + 2, 1 / 24)),
  ),
];

function flat(effect: number, days: number, longest: number, weight: number): Shape {
  return { weight, added: Array.from({ length: longest }, (_none, day) => (day < days ? effect : 0)), longest };
}

function ramp(size: number, days: number): Shape {
  return {
    weight: 1 / 20,
    added: Array.from({ length: days }, (_none, day) => Math.log1p((size * (day + 1)) / days)),
    longest: days,
  };
}

/**
 * A bound for every detector on the generator's series: it knows level, noise, jobs, fees, drift and holidays of each series, how its days
 * fill up, and how events are drawn, and alerts on the likelihood ratio of all events that may have begun. Only its thresholds are chosen
 * on the very series they are measured on.
 */
export function oracleBound(seeds: readonly number[], count: number, budgets: readonly number[]): BenchMetrics[] {
  const series = seeds.flatMap((seed) => Array.from({ length: count }, (_none, index) => openSeries(seed, index)));
  const looks = series.map((one) => ({ one, looks: looksAt(one) }));
  const labels = {
    generator: {
      version: VERSION,
      seed: seeds[0] ?? 0,
      series: series.length,
      days: SETTINGS.days,
      warmup_days: SETTINGS.warmupDays,
    },
    series: series.map((one) => one.label),
  };
  const at = (threshold: number) =>
    measure(
      labels,
      looks.flatMap(({ one, looks: all }) => alertsOf(one, all, threshold)),
    );
  return budgets.map((budget) => bestBelow(at, leastThreshold(at, budget)));
}

/** Alerts that are false silence true ones, so a stricter threshold may find more. */
function bestBelow(at: (threshold: number) => BenchMetrics, least: number): BenchMetrics {
  const all = [0, 0.5, 1, 2, 3].map((more) => at(least + more));
  return all.reduce((best, one) => ((one.recall ?? 0) > (best.recall ?? 0) ? one : best));
}

function leastThreshold(at: (threshold: number) => BenchMetrics, budget: number): number {
  let [low, high] = [-2, 20];
  for (let round = 0; round < 14; round++) {
    const middle = (low + high) / 2;
    if (at(middle).false_alerts_per_90d > budget) low = middle;
    else high = middle;
  }
  return high;
}

function looksAt(series: OpenSeries): OracleLook[] {
  const density = densityOf(series);
  const looks: OracleLook[] = [];
  for (let look = SETTINGS.warmupDays; look <= SETTINGS.days; look++) looks.push(lookAt(density, look));
  return looks;
}

function lookAt(density: LogDensity, look: number): OracleLook {
  const newest = look - 1;
  const usual = Array.from({ length: 42 }, (_none, age) => density(newest - age, age, 0, 0));
  const best = { score: Number.NEGATIVE_INFINITY, onset: newest };
  let sum = 0;
  for (const { weight, added, longest } of shapes) {
    for (let age = 0; age < longest; age++) {
      const ratio = ratioOf(density, usual, added, newest, age);
      sum += weight * Math.exp(ratio);
      if (ratio > best.score) Object.assign(best, { score: ratio, onset: newest - age });
    }
  }
  return { look, score: Math.log(sum), onset: best.onset };
}

/** Logarithm of the likelihood ratio of an event that began `age` days before the newest day. */
function ratioOf(
  density: LogDensity,
  usual: readonly number[],
  added: readonly number[],
  newest: number,
  age: number,
): number {
  let ratio = 0;
  for (let day = 0; day <= age; day++) {
    const back = age - day;
    ratio += density(newest - back, back, added[day] ?? 0, day === 0 ? 0 : (added[day - 1] ?? 0)) - (usual[back] ?? 0);
  }
  return ratio;
}

/** The product's own manners, as far as they matter: a week's silence, and one alert for one cause. */
function alertsOf(series: OpenSeries, looks: readonly OracleLook[], threshold: number): BenchAlert[] {
  const alerts: BenchAlert[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { look, score, onset } of looks) {
    const known = look - last <= 7 || (look - last <= 30 && onset <= last);
    if (score < threshold || known) continue;
    last = look;
    const alertedAt = Date.parse(series.label.scored_from) + (look - SETTINGS.warmupDays) * DAY_MS;
    alerts.push({
      series: series.label.series,
      alertedAt,
      chargeTime: series.start + (look - 1) * DAY_MS,
      hasRange: true,
    });
  }
  return alerts;
}
