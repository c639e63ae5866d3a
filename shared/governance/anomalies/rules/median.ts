import { add, type Decimal, divide, fromInteger } from "../../../core/decimal.ts";

/** The middle of some amounts; of an even number, the mean of the two in the middle. */
export function median(amounts: readonly Decimal[]): Decimal | undefined {
  const sorted = [...amounts].sort((a, b) => (a === b ? 0 : a < b ? -1 : 1));
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? undefined : divide(add(low, high), fromInteger(2));
}
