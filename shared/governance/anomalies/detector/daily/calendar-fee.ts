import { SIZE, type Noise, type Track } from "./filter.ts";
import { at, median } from "./numbers.ts";
import type { Window } from "./window.ts";

/** What usually comes on top on a day of the month, as a share of the level. */
export interface Fee {
  amount: number;
  /** Standard deviation of that amount. */
  sigma: number;
}

const NONE: Fee = { amount: 0, sigma: 0 };
const amounts = new Float64Array(8);
const spreads = new Float64Array(8);

/** Amounts of the same day in earlier months, as far as they stood out. */
export function feeOf(track: Track, window: Window, noise: Noise, index: number, before: number): Fee {
  const day = window.dayOfMonth[index] as number;
  if (day === 0) return NONE;
  let count = 0;
  let outstanding = 0;
  for (let i = index - 28; i >= 14 && count < 6; i--) {
    if (window.dayOfMonth[i] !== day || i >= before) continue;
    const error = at(track.errors, i);
    if (Number.isNaN(error)) continue;
    const level = at(track.states, i * SIZE);
    const usual = Math.exp(at(window.y, i) - error - level);
    amounts[count++] = Math.exp(at(window.y, i) - level) - usual;
    if (Math.abs(error) > 3 * noise.scale) outstanding++;
    i -= 26;
  }
  if (day !== 1 && (count < 3 || outstanding < count)) return NONE;
  if (count === 0) return { amount: 0, sigma: 0.3 };
  if (outstanding * 2 <= count) return NONE;
  for (let i = 0; i < count; i++) spreads[i] = at(amounts, i);
  const amount = median(spreads, count);
  if (count === 1) return { amount, sigma: 0.1 + 0.1 * Math.abs(amount) };
  for (let i = 0; i < count; i++) spreads[i] = Math.abs(at(amounts, i) - amount);
  const mad = median(spreads, count) * 1.5;
  if (day !== 1 && mad > 0.2 * Math.abs(amount)) return NONE;
  return { amount, sigma: Math.sqrt(mad * mad + (0.03 * amount) ** 2) };
}
