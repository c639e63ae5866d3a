import type { Decimal } from "../../../core/decimal.ts";
import type { Want } from "../types.ts";
import type { Refusal } from "./eligibility.ts";
import type { PlanInput } from "./types.ts";
import { isInWindow, windowsText } from "./windows.ts";

/** Why nothing at all is planned for a want now. */
export function wantRefusal(want: Want, input: PlanInput): Refusal | undefined {
  const { settings, now, dataAgeHours } = input;
  if (Date.parse(want.expiresAt) <= now.getTime()) return { reason: `it has ended (${want.expiresAt})` };
  if (want.quietUntil !== undefined && Date.parse(want.quietUntil) > now.getTime()) {
    return { reason: `it is snoozed until ${want.quietUntil}; what is held stays` };
  }
  if (want.budget !== undefined && dataAgeHours !== undefined && dataAgeHours > settings.maxDataAgeHours) {
    const age = Math.floor(dataAgeHours);
    return {
      reason: `the billing data is ${age} hours old, and nothing is done on data older than ${settings.maxDataAgeHours} hours`,
      hint: "collect the bill, or raise enforcement.maxDataAgeHours",
    };
  }
  if (needPerHour(want, input) === "no rate") {
    return {
      reason: `there is no exchange rate from ${want.currency} to ${input.priced.currency}`,
      hint: "add it to the file of currency.rates",
    };
  }
  if (!isInWindow(settings.windows, now)) {
    return { reason: `it is outside of the maintenance windows (${windowsText(settings.windows)})` };
  }
  return undefined;
}

/** What the want should save per hour, in the cluster's currency; undefined: everything that the rung can reach. */
export function needPerHour(
  { reduceByPerHour, currency }: Want,
  { priced, convert }: Pick<PlanInput, "priced" | "convert">,
): Decimal | undefined | "no rate" {
  if (reduceByPerHour === undefined || currency === priced.currency) return reduceByPerHour;
  return convert?.(reduceByPerHour, currency, priced.currency) ?? "no rate";
}
