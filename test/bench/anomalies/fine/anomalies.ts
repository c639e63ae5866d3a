import type { Draw } from "./random.ts";

/** What goes wrong: changes `values` from row `at` on; returns the first row behind it. */
type Injection = (draw: Draw, values: Float64Array, at: number, rowsPerDay: number) => number;

interface Spread {
  low: number;
  middle: number;
  high: number;
  top: number;
  bottom: number;
}

/** How the last days before `at` were spread. */
function spreadBefore(values: Float64Array, at: number): Spread {
  const sorted = values.slice(0, at).sort();
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { low: quantile(0.05), middle: quantile(0.5), high: quantile(0.95), top: quantile(1), bottom: quantile(0) };
}

function change(values: Float64Array, from: number, rows: number, to: (value: number, k: number) => number): number {
  const end = Math.min(values.length, from + rows);
  for (let i = from; i < end; i++) values[i] = to(values[i] ?? 0, i - from);
  return end;
}

const width = (s: Spread): number => Math.max(s.high - s.low, 0.02 * Math.abs(s.middle), (s.top - s.bottom) / 4) || 1;
const hours = (draw: Draw, rowsPerDay: number, from: number, to: number): number =>
  Math.max(2, Math.round((draw.between(from, to) / 24) * rowsPerDay));

const spike: Injection = (draw, values, at) => {
  const s = spreadBefore(values, at);
  const peak = s.top + width(s) * draw.between(0.4, 3);
  return change(values, at, draw.whole(1, 4), () => peak * draw.between(0.9, 1));
};

const dip: Injection = (draw, values, at, rowsPerDay) => {
  const s = spreadBefore(values, at);
  const floor = s.bottom > 0 ? s.bottom * draw.between(0, 0.5) : s.bottom - width(s) * draw.between(0.3, 1);
  return change(values, at, hours(draw, rowsPerDay, 0.3, 6), (v) => Math.min(v, floor + 0.02 * (v - s.middle)));
};

const shift: Injection = (draw, values, at, rowsPerDay) => {
  const s = spreadBefore(values, at);
  const by = width(s) * draw.between(0.5, 1.5) * (draw.chance(0.7) || s.bottom >= 0 ? 1 : -1);
  return change(values, at, hours(draw, rowsPerDay, 4, 72), (v) => v + by);
};

const ramp: Injection = (draw, values, at, rowsPerDay) => {
  const s = spreadBefore(values, at);
  const by = width(s) * draw.between(0.7, 2);
  const rows = hours(draw, rowsPerDay, 12, 72);
  return change(values, at, rows, (v, k) => v + (by * k) / rows);
};

const flat: Injection = (draw, values, at, rowsPerDay) => {
  const level = values[at] ?? 0;
  return change(values, at, hours(draw, rowsPerDay, 12, 48), () => level);
};

const restless: Injection = (draw, values, at, rowsPerDay) => {
  const s = spreadBefore(values, at);
  const factor = draw.between(1.5, 4);
  return change(values, at, hours(draw, rowsPerDay, 6, 48), (v) =>
    Math.max(s.bottom >= 0 ? 0 : -Infinity, s.middle + factor * (v - s.middle)),
  );
};

const outOfPhase: Injection = (draw, values, at, rowsPerDay) => {
  const copy = values.slice();
  const by = Math.round(rowsPerDay * draw.between(0.3, 0.5));
  return change(
    values,
    at,
    Math.round(rowsPerDay * draw.between(0.7, 1.5)),
    (v, k) => copy[Math.max(0, at + k - by)] ?? v,
  );
};

const quiet: Injection = (draw, values, at, rowsPerDay) => {
  const s = spreadBefore(values, at);
  return change(values, at, Math.round(rowsPerDay * draw.between(0.6, 2)), (v) => s.low + 0.05 * (v - s.low));
};

export const injections: Readonly<Record<string, Injection>> = {
  spike,
  dip,
  shift,
  ramp,
  flat,
  restless,
  outOfPhase,
  quiet,
};
