import { type Noise, runFilter, SIZE, type Track, WEEKDAYS } from "./filter.ts";
import { at, clamp, median } from "./numbers.ts";
import { WINDOW, type Window } from "./window.ts";

const scratch = new Float64Array(WINDOW);
export const noiseSettings = { floor: 0.005, roughQ: 0.25, roughD: 0.45, factor: 1, phiPrior: 0.3, phiWeight: 15, settle: 21, nu: 4 };

/** Learns noise and filters with it. */
export function learn(track: Track, window: Window): Noise {
  const start = typicalStart(window);
  const first: Noise = { scale: roughScale(window), phi: 0 };
  runFilter(track, window, first, start);
  const noise = refine(track, window, first);
  runFilter(track, window, noise, start);
  return noise;
}

function typicalStart(window: Window): number {
  let count = 0;
  for (let i = 0; i < Math.min(14, window.length); i++) if (!Number.isNaN(at(window.y, i))) scratch[count++] = at(window.y, i);
  return median(scratch, count);
}

/** From differences to the same weekday a week ago; a low quantile, as few of them may be clean. */
function roughScale(window: Window): number {
  let count = 0;
  for (let i = 7; i < window.length - 2; i++) {
    const d = Math.abs(at(window.y, i) - at(window.y, i - 7));
    if (!Number.isNaN(d)) scratch[count++] = d;
  }
  if (count === 0) return 0.1;
  scratch.subarray(0, count).sort();
  return Math.max(noiseSettings.floor, at(scratch, Math.floor(count * noiseSettings.roughQ)) / (noiseSettings.roughD));
}

function refine(track: Track, window: Window, first: Noise): Noise {
  const last = window.length - 2; // the newest two are not complete
  const from = Math.min(noiseSettings.settle, last >> 1);
  const q = first.scale ** 2;
  let count = 0;
  for (let i = 0; i < last; i++) normal[i] = at(track.errors, i) * Math.sqrt(q / (q + Math.max(0, at(track.variances, i) - q)));
  for (let i = from; i < last; i++) if (!Number.isNaN(at(normal, i))) scratch[count++] = Math.abs(at(normal, i));
  const c = 2.5 * Math.max(noiseSettings.floor, median(scratch, count) / 0.7);
  let sxx = 0;
  let sxy = 0;
  for (let i = from + 1; i < last; i++) {
    const a = at(normal, i - 1);
    const b = at(normal, i);
    if (!(Math.abs(a) < 2 * c && Math.abs(b) < 2 * c)) continue;
    const pa = clamp(a, -c, c);
    sxx += pa * pa;
    sxy += pa * clamp(b, -c, c);
  }
  const n = last - from;
  const raw = sxx > 0 ? sxy / sxx : 0;
  const corrected = raw + (1 + 3 * raw) / Math.max(n, 10);
  const phi = clamp((n * corrected + noiseSettings.phiWeight * noiseSettings.phiPrior) / (n + noiseSettings.phiWeight), 0, 0.8);
  count = 0;
  for (let i = from + 1; i < last; i++) {
    const u = at(normal, i) - phi * at(normal, i - 1);
    if (!Number.isNaN(u)) scratch[count++] = Math.abs(u);
  }
  if (count < 10) return { scale: first.scale, phi };
  const mad = median(scratch, count) / 0.741;
  const low = at(scratch, Math.floor(count * 0.3)) / 0.414;
  let s2 = Math.max(noiseSettings.floor, Math.min(mad, low * 1.15)) ** 2;
  const nu = noiseSettings.nu;
  for (let round = 0; round < 3; round++) {
    let sum = 0;
    let used = 0;
    const cut = 25 * s2;
    for (let i = 0; i < count; i++) {
      const e2 = at(scratch, i) ** 2;
      if (e2 > cut) continue;
      sum += ((nu + 1) * e2) / (nu + e2 / s2);
      used++;
    }
    s2 = sum / used;
  }
  return { scale: Math.max(noiseSettings.floor, Math.sqrt(s2) * noiseSettings.factor), phi };
}

const normal = new Float64Array(WINDOW);
