import * as z from "zod";
import { isCurrency } from "../../core/currency.ts";
import { type Decimal, formatDecimal, fromInteger, multiply, tryParseDecimal } from "../../core/decimal.ts";
import { addDays, type Day, monthDays, monthOf } from "../../core/period.ts";
import { readDay } from "./instants.ts";
import { knownFacts, shortText } from "./limits.ts";
import type { CloudBudgetAlert, Reading } from "./types.ts";

const HUNDRED = fromInteger(100);

/** Numbers arrive as their source text (`exact-json.ts`). */
const Amount = z.string().transform((text, context): Decimal => {
  const value = tryParseDecimal(text);
  if (value !== undefined) return value;
  context.addIssue({ code: "custom", message: "not a number" });
  return z.NEVER;
});

const Notification = z.object({
  budgetDisplayName: z.string(),
  alertThresholdExceeded: Amount.nullish(),
  forecastThresholdExceeded: Amount.nullish(),
  costAmount: Amount,
  costIntervalStart: z.string(),
  budgetAmount: Amount.nullish(),
  budgetAmountType: z.string().nullish(),
  currencyCode: z.string().refine(isCurrency),
});

/**
 * A budget notification of Google Cloud (`reference/clouds.md` §3.3). It comes several times a day, whether or not a threshold is crossed,
 * and names the highest one of the period so far: below every threshold there is nothing to find.
 */
export function readGoogleBudget(message: unknown, attributes: Readonly<Record<string, string>>): Reading {
  const parsed = Notification.safeParse(message);
  if (!parsed.success) return { unread: "not a budget notification of Google Cloud as it was known" };
  const { data } = parsed;
  const start = readDay(data.costIntervalStart);
  if (start === undefined) return { unread: "the start of the budget's period cannot be read" };
  const crossed = [
    { basis: "actual" as const, share: data.alertThresholdExceeded },
    { basis: "forecast" as const, share: data.forecastThresholdExceeded },
  ].flatMap(({ basis, share }) => (share == null ? [] : [{ basis, percent: multiply(share, HUNDRED) }]));
  if (crossed.length === 0) {
    return {
      alerts: [{ what: "nothing", why: `budget ${shortText(data.budgetDisplayName)} is below its thresholds` }],
    };
  }
  return { alerts: crossed.map((threshold) => alertOf(data, threshold, { start, attributes })) };
}

function alertOf(
  data: z.output<typeof Notification>,
  { basis, percent }: { basis: "actual" | "forecast"; percent: Decimal },
  { start, attributes }: { start: Day; attributes: Readonly<Record<string, string>> },
): CloudBudgetAlert {
  const { billingAccountId, budgetId } = attributes;
  const name = shortText(data.budgetDisplayName);
  return {
    what: "budget",
    provider: "gcp",
    scope: {
      provider: ["gcp"],
      ...(billingAccountId === undefined ? {} : { billing_account_id: [shortText(billingAccountId)] }),
    },
    subject: budgetId ?? name,
    name,
    period: periodFrom(start),
    basis,
    threshold: { percent },
    limit: data.budgetAmount ?? undefined,
    amount: data.costAmount,
    currency: data.currencyCode,
    facts: knownFacts({
      spent: basis === "forecast" ? formatDecimal(data.costAmount) : undefined,
      amountType: data.budgetAmountType,
      budgetId,
    }),
  };
}

/** The interval starts at midnight US Pacific, which is the same day in UTC. Where it ends is not said: a month stands for it. */
function periodFrom(start: Day): { start: Day; end: Day } {
  return start.endsWith("-01") ? monthDays(monthOf(start)) : { start, end: addDays(start, 31) };
}
