import type { OpenSeries } from "./oracle-series.ts";

/** How likely a day's error is, given the day before and what events add to both. */
export type LogDensity = (day: number, age: number, added: number, addedBefore: number) => number;

/** Parts of days: with a job, where a series has jobs; with a refund. */
const JOB_DAYS = 0.19;
const REFUND_DAYS = 0.1 / 300;
/** Logarithms between which a refund leaves a day; one that turns it negative is put at the lower one. */
const REFUND = { from: -4.2, to: Math.log(0.2) };
const DAYS_OF_NOTHING = -3.9;
const FEE_NOISE = 0.03;
/** Density of Student's t with 4 degrees of freedom at 0. */
const T4 = 0.375;

/** The generator's own noise: autocorrelated Student t, jobs, refunds, the noise of fees, and what a look leaves open. */
export function densityOf(series: OpenSeries): LogDensity {
  const { character, errors, spreads } = series;
  // the jobs hide what the day before says
  const phi = character.bursty ? 0 : character.phi;
  const scale2 = (character.sigma ** 2 * (1 - phi ** 2)) / 2;
  const jobs = character.bursty ? JOB_DAYS : 0;
  const low = Math.log1p(character.burstSize * 0.5);
  const high = Math.log1p(character.burstSize * 1.5);
  const error = (day: number, age: number) => errors[Math.min(age, errors.length - 1)]?.[day] ?? 0;

  return (day, age, added, addedBefore) => {
    const before = error(day - 1, age + 1) - addedBefore;
    const rest = error(day, age) - added;
    const lingering = Math.abs(before) > 6 * character.sigma ? 0 : phi * before;
    const s2 = scale2 + (spreads[age] ?? 0) ** 2 + (phi * (spreads[age + 1] ?? 0)) ** 2 + feeVariance(series, day);
    const s = Math.sqrt(s2);
    const noise = t4((rest - lingering) / s) / s;
    const job = jobs === 0 ? 0 : jobs * smeared(rest, low, high, s);
    const refund = REFUND_DAYS * refundDensity(rest);
    return Math.log((1 - jobs) * noise + job + refund);
  };
}

const t4 = (z: number) => T4 * (1 + z ** 2 / 4) ** -2.5;

/** Uniform between the bounds, its edges blurred by the noise. */
function smeared(x: number, low: number, high: number, s: number): number {
  const outside = Math.max(low - x, x - high, 0) / s;
  return (t4(outside) / T4 + 1e-9) / (high - low + 2.7 * s);
}

function refundDensity(x: number): number {
  if (x < DAYS_OF_NOTHING) return 7;
  return x < REFUND.to ? 0.3 / (REFUND.to - REFUND.from) : 1e-9;
}

function feeVariance({ character, start, baseline }: OpenSeries, day: number): number {
  if (character.monthStartFee === 0 || new Date(start + day * 86_400_000).getUTCDate() !== 1) return 0;
  const level = Math.log(character.level) + character.growthPerDay * day;
  const share = character.monthStartFee * Math.exp(level - (baseline[day] ?? level));
  return (FEE_NOISE * share) ** 2;
}
