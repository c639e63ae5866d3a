import * as z from "zod";
import { isCurrency } from "../../core/currency.ts";
import { type Decimal, fromInteger, multiply } from "../../core/decimal.ts";
import type { Scope } from "../../core/finding.ts";
import { type Day, monthDays, monthOf } from "../../core/period.ts";
import { currencyOfText, parseAmountText } from "./amount-text.ts";
import { knownFacts, shortText } from "./limits.ts";
import type { AlertThreshold, CloudBudgetAlert, Reading } from "./types.ts";

const HUNDRED = fromInteger(100);
/** The largest threshold of an Azure budget is 1000 %. */
const LARGEST_SHARE = fromInteger(10);
const Text = z.string().nullish();

/** Common alert schema: localized amounts, their currency in `Unit`; much may be null. */
const Common = z.object({
  data: z.object({
    essentials: z.object({ monitoringService: Text, alertId: Text, description: Text }),
    alertContext: z.object({
      AlertCategory: Text,
      AlertData: z.object({
        Scope: Text,
        ThresholdType: Text,
        BudgetType: Text,
        BudgetThreshold: Text,
        NotificationThresholdAmount: Text,
        BudgetName: Text,
        BudgetId: Text,
        BudgetStartDate: Text,
        BudgetCreator: Text,
        Unit: Text,
        SpentAmount: Text,
        ForecastedTotalForPeriod: Text,
      }),
    }),
  }),
});

/** Without the common schema: `schemaId` is `AIP Budget Notification`. */
const Legacy = z.object({
  data: z.object({
    SubscriptionName: Text,
    SubscriptionId: Text,
    SpendingAmount: Text,
    BudgetStartDate: Text,
    Budget: Text,
    Unit: Text,
    BudgetCreator: Text,
    BudgetName: Text,
    BudgetType: Text,
    ResourceGroup: Text,
    NotificationThresholdAmount: Text,
  }),
});

/**
 * A budget alert of an Azure Action Group, common or legacy schema (`reference/clouds.md` §2.3). Neither names the budget's current
 * period: the month it was sent in stands for it, and Azure sends each threshold once per period.
 */
export function readAzureBudget(message: unknown, { sentDay }: { sentDay: Day }): Reading {
  const schemaId = z.object({ schemaId: Text }).safeParse(message).data?.schemaId;
  if (schemaId === "azureMonitorCommonAlertSchema") return readCommon(message, sentDay);
  if (schemaId === "AIP Budget Notification") return readLegacy(message, sentDay);
  return { unread: "not an alert of an Azure Action Group as it was known" };
}

function readCommon(message: unknown, sentDay: Day): Reading {
  const context = Common.safeParse(message).data?.data.alertContext;
  if (context === undefined || context.AlertCategory?.toLowerCase() !== "budgets") {
    return { unread: "an Azure alert that is not about a budget" };
  }
  const alert = context.AlertData;
  const currency = currencyOf(alert.Unit, alert.SpentAmount);
  const money = (text: string | null | undefined) => (text == null ? undefined : parseAmountText(text, currency));
  const forecast = alert.ThresholdType?.toLowerCase().startsWith("forecast") ?? false;
  const spent = money(alert.SpentAmount);
  const amount = forecast ? (money(alert.ForecastedTotalForPeriod) ?? spent) : spent;
  const at = money(alert.NotificationThresholdAmount);
  if (amount === undefined || currency === "") return { unread: "an amount cannot be read" };
  const where = readScope(alert.Scope ?? alert.BudgetId ?? "");
  return budget({
    ...where,
    name: alert.BudgetName ?? lastPart(alert.BudgetId) ?? "unnamed",
    sentDay,
    basis: forecast ? "forecast" : "actual",
    threshold: at === undefined ? unknownThreshold(alert.NotificationThresholdAmount) : { money: at },
    limit: money(alert.BudgetThreshold),
    amount,
    currency,
    facts: knownFacts({
      spent: forecast ? alert.SpentAmount : undefined,
      type: alert.BudgetType,
      azureScope: alert.Scope,
      budgetStart: alert.BudgetStartDate,
      createdBy: alert.BudgetCreator,
    }),
  });
}

function readLegacy(message: unknown, sentDay: Day): Reading {
  const alert = Legacy.safeParse(message).data?.data;
  if (alert === undefined) return { unread: "not a budget notification of Azure as it was known" };
  const currency = currencyOf(alert.Unit, alert.SpendingAmount);
  const money = (text: string | null | undefined) => (text == null ? undefined : parseAmountText(text, currency));
  const amount = money(alert.SpendingAmount);
  const limit = money(alert.Budget);
  const at = money(alert.NotificationThresholdAmount);
  if (amount === undefined || currency === "") return { unread: "an amount cannot be read" };
  const group =
    alert.ResourceGroup == null || alert.ResourceGroup === "" ? "" : `/resourceGroups/${alert.ResourceGroup}`;
  return budget({
    ...readScope(`/subscriptions/${alert.SubscriptionId ?? ""}${group}`),
    name: alert.BudgetName ?? "unnamed",
    sentDay,
    basis: "actual",
    threshold:
      at === undefined ? unknownThreshold(alert.NotificationThresholdAmount) : legacyThreshold(at, amount, limit),
    limit,
    amount,
    currency,
    facts: knownFacts({
      type: alert.BudgetType,
      subscription: alert.SubscriptionName,
      resourceGroup: alert.ResourceGroup,
      budgetStart: alert.BudgetStartDate,
      createdBy: alert.BudgetCreator,
    }),
  });
}

/** `0.8` is a share of the budget in the vendor's sample, while receivers in use have seen an amount: what was spent decides. */
function legacyThreshold(at: Decimal, spent: Decimal, limit: Decimal | undefined): AlertThreshold {
  const isShare = at <= LARGEST_SHARE && (limit === undefined || spent >= multiply(at, limit) || spent < at);
  return isShare ? { percent: multiply(at, HUNDRED) } : { money: at };
}

function unknownThreshold(text: string | null | undefined): AlertThreshold {
  return { words: shortText(text ?? "a threshold that the message does not name") };
}

type Fields = Omit<CloudBudgetAlert, "what" | "provider" | "subject" | "period"> & { place: string; sentDay: Day };

/** Names are unique within a scope: a subscription, or one of its resource groups. */
function budget({ place, sentDay, ...fields }: Fields): Reading {
  const name = shortText(fields.name);
  const subject = place === "" ? name : `${name} in ${place}`;
  return {
    alerts: [{ what: "budget", provider: "azure", ...fields, name, subject, period: monthDays(monthOf(sentDay)) }],
  };
}

/** `/subscriptions/GUID/resourceGroups/NAME`, in any case, with or without what follows (`reference/clouds.md` §2.2). */
function readScope(path: string): { scope: Scope; place: string } {
  const subscription = /subscriptions\/([^/]+)/i.exec(path)?.[1]?.toLowerCase();
  const group = /resourceGroups\/([^/]+)/i.exec(path)?.[1]?.toLowerCase();
  const account = subscription === undefined ? {} : { account: [shortText(subscription)] };
  const place = subscription === undefined ? path.toLowerCase() : (group ?? "");
  return { scope: { provider: ["azure"], ...account }, place: shortText(place) };
}

/** `Unit` decides: amounts carry a sign that may be another currency's. Without it the amount's text has to. */
function currencyOf(unit: string | null | undefined, amount: string | null | undefined): string {
  const code = unit?.trim().toUpperCase() ?? "";
  if (code !== "") return isCurrency(code) ? code : "";
  return currencyOfText(amount ?? "", isCurrency) ?? "";
}

function lastPart(path: string | null | undefined): string | undefined {
  return path?.split("/").findLast((part) => part !== "");
}
