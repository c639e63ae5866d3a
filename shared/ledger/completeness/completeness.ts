import { type Decimal, divide, formatDecimal, formatFixed, parseDecimal } from "../../core/decimal.ts";

/** How much of a period is visible at its age: what is known now ÷ what it will be. */
export interface Completeness {
  /** Median share, above 0; more than 1 where a provider first overstates. */
  share: number;
  /** Standard deviation of the logarithm of that share. */
  spread: number;
}

/** A period that does not move any more. */
export const COMPLETE: Completeness = { share: 1, spread: 0 };

/** Upper 10 % point of a normal distribution: what nine of ten periods keep. */
const Z90 = 1.2816;

/** The least that nine of ten periods end with, as a factor of what is known now. More than 1 where days almost always grow. */
export function keptShare({ share, spread }: Completeness): number {
  return Math.exp(-Z90 * spread) / share;
}

/** How far nine of ten periods still move, as a share of what is known now: 0.07 means by 7 % up or down. */
export function stillMoves({ share, spread }: Completeness): number {
  const middle = -Math.log(share);
  return Math.max(Math.exp(middle + Z90 * spread) - 1, 1 - Math.exp(middle - Z90 * spread));
}

/** What is known ÷ what it is expected to end at, as decimal text with up to four places; 1 where that says nothing. */
export function completenessText(known: Decimal, expected: Decimal): string {
  if (known <= 0n || expected <= 0n) return "1";
  return formatDecimal(parseDecimal(formatFixed(divide(known, expected), 4)));
}
