import { feeOf } from "./calendar-fee.ts";
import { type Noise, SIZE, settings, type Track, WEEKDAYS } from "./filter.ts";
import { at, clamp, median } from "./numbers.ts";
import { WINDOW, type Window } from "./window.ts";

export interface Candidate {
  score: number;
  /** Log of the ratio to the expected. */
  effect: number;
  onset: number;
  end: number;
  at: number;
  ramp: boolean;
}

export const tune = {
  nu: 4,
  minEffect: 0.12,
  effectPower: 4,
  stepMax: 14,
  downMax: 7,
  ramps: [9, 12, 15, 18, 21, 25, 29, 33, 37, 41],
  rampPenalty: 0,
  stepPenalty: 0,
  spikePenalty: 0,
  downPenalty: 0,
  seasonSigma: 0.15,
  burstKappa: 5,
  burstShare: 0.7,
  burstCont: 0.7,
  wanderScale: 0.33,
  wanderOn: 1,
  wanderFree: 2,
  agree: 0.3,
  agreeShare: 0.7,
  collapse: -1.2,
};

const r = new Float64Array(WINDOW);
const v = new Float64Array(WINDOW);
const x = new Float64Array(WINDOW);
const u = new Float64Array(WINDOW);
const s2 = new Float64Array(WINDOW);
const base = new Float64Array(WINDOW);

const feeAmount = new Float64Array(WINDOW);
const feeSigma = new Float64Array(WINDOW);

export function judge(window: Window, track: Track, noise: Noise): Candidate[] {
  const last = window.length - 1;
  const out: Candidate[] = [];
  if (last < 14) return out;
  const deepest = Math.max(14, last - Math.max(...tune.ramps));
  for (let i = deepest; i <= last; i++) {
    const fee = feeOf(track, window, noise, i, last - 3);
    feeAmount[i] = fee.amount;
    feeSigma[i] = fee.sigma;
  }
  findRuns(window, track, noise);
  wander2 = 0;
  if (tune.wanderOn > 0) wander2 = learnWander(window, track, noise);
  // boxes
  for (let k = 1; k <= tune.stepMax; k++) {
    const s = last - k + 1;
    if (s < 14) break;
    prepareForecast(window, track, noise, s, last);
    for (let e = last; e >= Math.max(s, last - 2); e--) {
      if (e < last && e - s + 1 > 3) break;
      const c = evaluate(window, track, noise, s, e, false);
      if (c) out.push(c);
    }
  }
  for (const k of tune.ramps) {
    const s = last - k + 1;
    if (s < 14) break;
    prepareForecast(window, track, noise, s, last);
    const c = evaluate(window, track, noise, s, last, true);
    if (c && c.effect > 0) out.push(c);
  }
  return out;
}

let wander2 = 0;

/** Variance per day by which the level wandered more than the filter believes, from how well each past week could be forecast. */
function learnWander(window: Window, track: Track, noise: Noise): number {
  let sum = 0;
  let count = 0;
  for (let s = window.length - 8; s >= 28; s -= 7) {
    const o = (s - 1) * SIZE;
    const level = at(track.states, o);
    const slope = at(track.states, o + 1);
    let mean = 0;
    let days = 0;
    for (let t = s; t < s + 7; t++) {
      const e = at(window.y, t) - level - slope * (t - s + 1) - at(track.states, o + WEEKDAYS + (window.weekday[t] as number));
      if (Number.isNaN(e) || window.season[t] === 1 || window.dayOfMonth[t] === 1) continue;
      weekOf[days++] = e;
    }
    if (days < 4) continue;
    mean = median(weekOf, days);
    const expected = (1.5 * noise.scale ** 2 * (1 + noise.phi)) / ((1 - noise.phi) * days) + forecastVariance(window, track, noise, s, 7, false);
    ratios[count] = (mean * mean) / expected;
    sum += expected;
    count++;
  }
  if (count < 4) return 0;
  const ratio = median(ratios, count) / 0.455;
  return Math.max(0, ratio - tune.wanderFree) * (sum / count) * tune.wanderScale;
}
const ratios = new Float64Array(WINDOW);
const weekOf = new Float64Array(8);

/** Residuals r[t] against the forecast made before s. */
function prepareForecast(window: Window, track: Track, noise: Noise, s: number, last: number): void {
  const o = (s - 1) * SIZE;
  const level = at(track.states, o);
  const slope = at(track.states, o + 1);
  let ar = at(track.states, o + 2);
  for (let t = s; t <= last; t++) {
    ar *= noise.phi;
    const trend = level + slope * (t - s + 1);
    let mu = trend + ar + at(track.states, o + WEEKDAYS + (window.weekday[t] as number));
    let extra = 0;
    const amount = at(feeAmount, t);
    const sigma = at(feeSigma, t);
    if (amount !== 0 || sigma !== 0) {
      const plain = Math.exp(mu - trend);
      const total = Math.max(0.05, plain + amount);
      const withFee = trend + Math.log(total);
      // a usual fee excuses; that it is missing accuses nobody
      mu = clamp(at(window.y, t), Math.min(mu, withFee), Math.max(mu, withFee));
      extra = (sigma / total) ** 2;
    }
    base[t] = mu;
    r[t] = at(window.y, t) - mu;
    const before = t > 0 ? at(window.spread2, t - 1) : 0;
    v[t] = noise.scale ** 2 + at(window.spread2, t) + noise.phi ** 2 * (t > s ? before : 0) + extra;
    if (window.season[t] === 1) v[t] = at(v, t) + tune.seasonSigma ** 2;
  }
}

const rho = (z2: number) => ((tune.nu + 1) / 2) * Math.log1p(z2 / tune.nu);

function loss(n: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += rho((at(u, i) - b * at(x, i)) ** 2 / at(s2, i));
  return sum;
}

function evaluate(window: Window, track: Track, noise: Noise, s: number, e: number, ramp: boolean): Candidate | undefined {
  const k = e - s + 1;
  let n = 0;
  let previous = Number.NaN;
  let previousX = 0;
  let newest = -1;
  for (let t = s; t <= e; t++) {
    const res = at(r, t);
    const shape = ramp ? (t - s + 1) / k : 1;
    if (Number.isNaN(res) || (window.season[t] === 1 && k > 3)) {
      previous = Number.NaN;
      continue;
    }
    newest = t;
    const linked = !Number.isNaN(previous);
    u[n] = linked ? res - noise.phi * previous : res;
    x[n] = linked ? shape - noise.phi * previousX : shape;
    s2[n] = at(v, t);
    n++;
    previous = res;
    previousX = shape;
  }
  if (n === 0 || n * 2 < k || newest < e - 1) return undefined;
  // robust amplitude
  let b = 0;
  let info = 0;
  let sxy = 0;
  for (let i = 0; i < n; i++) {
    const w = at(x, i) / at(s2, i);
    info += w * at(x, i);
    sxy += w * at(u, i);
  }
  b = sxy / info;
  if (Math.abs(b) * Math.sqrt(info) < 1.2) return undefined;
  const null0 = loss(n, 0);
  let best = loss(n, b);
  if (n > 1) {
    for (let round = 0; round < 2; round++) {
      let wi = 0;
      let wy = 0;
      for (let i = 0; i < n; i++) {
        const z2 = (at(u, i) - b * at(x, i)) ** 2 / at(s2, i);
        const w = ((tune.nu + 1) / (tune.nu + z2)) * (at(x, i) / at(s2, i));
        wi += w * at(x, i);
        wy += w * at(u, i);
      }
      b = wy / wi;
    }
    best = Math.min(best, loss(n, b));
  }
  const down = b < 0;
  // a cause that lasts shows on nearly every day
  let agree = 0;
  for (let t = s; t <= e; t++) if (at(r, t) * Math.sign(b) > tune.agree * Math.abs(b) * (ramp ? (t - s + 1) / k : 1)) agree++;
  if (agree < (k <= 3 ? k : tune.agreeShare * k)) return undefined;
  if (down && (k > tune.downMax || ramp)) return undefined;
  if (down && k === 1 && b < tune.collapse) return undefined;
  const vf = forecastVariance(window, track, noise, s, k, ramp);
  const vn = 1 / info;
  const llr = ((null0 - best) * vn) / (vn + vf);
  const size = Math.abs(b);
  const prior = 1 / (size * 2.7) / (1 + (tune.minEffect / size) ** tune.effectPower);
  const se = Math.sqrt(vn + vf);
  let score = llr + Math.log(Math.min(1, se * 2.5066 * prior));
  score -= ramp ? tune.rampPenalty : k <= 3 ? tune.spikePenalty : tune.stepPenalty;
  if (down) score -= tune.downPenalty;
  const rate = burstRate(down, size, s, k, window.length, ramp);
  score = -Math.log(Math.exp(-score) + rate * tune.burstKappa);
  // the most telling of the newest days
  let chosen = newest;
  if (k <= 3) for (let t = s; t <= e; t++) if (at(r, t) * b > at(r, chosen) * b) chosen = t;
  return { score, effect: b, onset: s, end: e, at: chosen, ramp };
}

function forecastVariance(window: Window, track: Track, noise: Noise, s: number, k: number, ramp: boolean): number {
  const o = (s - 1) * SIZE * SIZE;
  const c = track.covariances;
  // the mean lead that the amplitude refers to
  const h = ramp ? k * 0.85 : (k + 1) / 2;
  let f = at(c, o) + 2 * h * at(c, o + 1) + h * h * at(c, o + SIZE + 1);
  f += settings.slopeNoise ** 2 * (h ** 3 / 3);
  f += (settings.levelNoise * noise.scale) ** 2 * h;
  const spread = Math.min(7, k);
  let wk = 0;
  let cross = 0;
  for (let i = 0; i < spread; i++) {
    const j = WEEKDAYS + (window.weekday[s + i] as number);
    for (let m = 0; m < spread; m++) wk += at(c, o + j * SIZE + WEEKDAYS + (window.weekday[s + m] as number));
    cross += at(c, o + j);
  }
  f += wk / spread ** 2 + (2 * cross) / spread;
  return Math.max(f, 0) + tune.wanderOn * wander2 * h;
}

// --- the series' own excursions ---
const runStart = new Int16Array(WINDOW);
const runEnd = new Int16Array(WINDOW);
const runSize = new Float64Array(WINDOW);
let runs = 0;

function findRuns(window: Window, track: Track, noise: Noise): void {
  runs = 0;
  let sign = 0;
  for (let i = 14; i < window.length - 1; i++) {
    const e = at(track.errors, i);
    const big = !Number.isNaN(e) && Math.abs(e) > Math.max(2.5 * Math.sqrt(at(track.variances, i)), 0.08) && window.dayOfMonth[i] !== 1;
    const now = big ? Math.sign(e) : 0;
    if (now !== 0 && now === sign) {
      runEnd[runs - 1] = i;
      if (Math.abs(e) > Math.abs(at(runSize, runs - 1))) runSize[runs - 1] = e;
    } else if (now !== 0) {
      runStart[runs] = i;
      runEnd[runs] = i;
      runSize[runs] = e;
      runs++;
    }
    sign = now;
  }
}

/** Expected share of days on which this series does such a thing by itself. */
function burstRate(down: boolean, size: number, s: number, k: number, length: number, ramp: boolean): number {
  let m = 0;
  for (let i = 0; i < runs; i++) {
    const d = at(runSize, i);
    if ((runEnd[i] as number) >= s || d < 0 !== down) continue;
    const ratio = Math.abs(d) / (size * tune.burstShare);
    if (ratio < 0.5) continue;
    const weight = clamp((ratio - 0.5) * 2, 0, 1);
    const days = (runEnd[i] as number) - (runStart[i] as number) + 1;
    m += weight * (days >= k ? 1 : tune.burstCont ** (k - days));
  }
  if (ramp) m *= 0.1;
  return (m * m) / (m + 1) / length;
}

/** What the periods from `onset` on were expected to be, as amounts on the footing of what is known. */
export function forecastFrom(window: Window, track: Track, noise: Noise, onset: number, told: (index: number, mu: number, sigma: number) => void): void {
  const last = window.length - 1;
  prepareForecast(window, track, noise, onset, last);
  for (let t = onset; t <= last; t++) {
    const vf = forecastVariance(window, track, noise, onset, t - onset + 1, false);
    told(t, at(base, t), Math.sqrt(at(v, t) + vf));
  }
}
