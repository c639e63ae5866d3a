import { type Decimal, fromScaled } from "../../core/decimal.ts";

/** Axis from at or below zero to at or above the largest value, with a line at each tick. */
export interface Scale {
  low: Decimal;
  high: Decimal;
  ticks: readonly Decimal[];
}

const STEPS = [1n, 2n, 5n, 10n];

/** A scale with about `count` ticks at 1, 2 or 5 × 10ⁿ. */
export function niceScale(lowest: Decimal, highest: Decimal, count: number): Scale {
  const low = lowest < 0n ? lowest : (0n as Decimal);
  const high = highest > 0n ? highest : (0n as Decimal);
  const range = high - low;
  if (range === 0n) return { low, high: fromScaled(10n ** 18n), ticks: [low] };
  const raw = (range + BigInt(count) - 1n) / BigInt(count);
  const magnitude = 10n ** BigInt(raw.toString().length - 1);
  const step = magnitude * (STEPS.find((each) => each * magnitude >= raw) ?? 10n);
  const first = -ceilDivide(-low, step) * step;
  const last = ceilDivide(high, step) * step;
  const ticks: Decimal[] = [];
  for (let tick = first; tick <= last; tick += step) ticks.push(fromScaled(tick));
  return { low: fromScaled(first), high: fromScaled(last), ticks };
}

function ceilDivide(value: bigint, step: bigint): bigint {
  return (value + step - 1n) / step;
}

/** part ÷ whole for drawing only: a pixel needs no more than six digits. Zero where `whole` is not positive. */
export function ratio(part: bigint, whole: bigint): number {
  return whole <= 0n ? 0 : Number((part * 1_000_000n) / whole) / 1_000_000;
}
