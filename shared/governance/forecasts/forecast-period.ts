import { clamp } from "../../core/at.ts";
import { add, type Decimal, parseDecimal } from "../../core/decimal.ts";
import type { RestForecast } from "./forecast-rest.ts";

/** What a period will have cost at its end. */
export interface Forecast {
  /** The median: as likely to be exceeded as not. */
  amount: Decimal;
  /** Ends of the 80 % interval. */
  low: Decimal;
  high: Decimal;
}

/** Digits that the statistics know at most. */
const DIGITS = 6;
/** More money than there is: room is left for the actual cost beside it. */
const MOST = 1e18;

/** The exact cost so far, and the rest to as many digits as statistics have. */
export function withRest(actual: Decimal, { rest, low, high }: Pick<RestForecast, "rest" | "low" | "high">): Forecast {
  return { amount: add(actual, digits(rest)), low: add(actual, digits(low)), high: add(actual, digits(high)) };
}

function digits(value: number): Decimal {
  return parseDecimal(clamp(value, -MOST, MOST).toPrecision(DIGITS));
}
