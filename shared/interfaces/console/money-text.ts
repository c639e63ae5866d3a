import { abs, type Decimal, formatDecimal, formatFixed, parseDecimal } from "../../core/decimal.ts";

const CENT = parseDecimal("0.01");

/**
 * Money for people: `12,345.60 USD`. Two fraction digits, rounded half-even; an amount below one cent keeps two digits that say
 * something (`0.0042 USD`), so that it does not look like nothing.
 */
export function formatMoney(amount: Decimal, currency: string): string {
  return `${formatAmount(amount)} ${currency}`;
}

/** As `formatMoney`, without the currency. */
export function formatAmount(amount: Decimal): string {
  const text = amount !== 0n && abs(amount) < CENT ? formatFixed(amount, tinyPlaces(amount)) : formatFixed(amount, 2);
  const [whole = "", fraction = ""] = text.split(".");
  return `${group(whole)}.${fraction}`;
}

/** Whole units with grouped thousands, for axes and dense places. */
export function formatWhole(amount: Decimal): string {
  return group(formatFixed(amount, 0));
}

function group(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Fraction digits up to the second significant one. */
function tinyPlaces(amount: Decimal): number {
  const fraction = formatDecimal(abs(amount)).split(".")[1] ?? "";
  return Math.min(18, fraction.search(/[1-9]/) + 2);
}
