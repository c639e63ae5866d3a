import { tryParseDecimal } from "../core/decimal.ts";
import { formatMoney } from "./console/money-text.ts";

/** Facts of a finding that are amounts in its currency; others are shares, names and ratios. */
const AMOUNTS: ReadonlySet<string> = new Set([
  "actual",
  "childrenTotal",
  "counted",
  "expected",
  "forecast",
  "forecastHigh",
  "forecastLow",
  "limit",
  "meanOfWeekBefore",
  "thresholdAmount",
  "totalActual",
  "totalExpected",
]);

/** A fact for people: amounts as money (`13,237.18 USD`), everything else as it stands. Not escaped. */
export function factText(name: string, value: string, currency: string): string {
  const amount = AMOUNTS.has(name) ? tryParseDecimal(value) : undefined;
  return amount === undefined ? value : formatMoney(amount, currency);
}
