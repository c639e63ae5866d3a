import type { CostQueryGroup } from "../../../ports/billing-apis.ts";

/** The key that tells usage from purchases, refunds and rounding (`reference/focus.md` §8). */
const CATEGORY_KEY = "ChargeType";
const DEFAULT_KEYS = ["ServiceName"];

/** Dimensions that the mapping knows, in its spelling; Azure takes any case. */
const KNOWN = [
  CATEGORY_KEY,
  "ServiceName",
  "SubscriptionId",
  "SubscriptionName",
  "ResourceGroupName",
  "ResourceGroup",
  "ResourceLocation",
  "ResourceId",
  "ResourceType",
  "MeterCategory",
  "Meter",
  "PricingModel",
  "InvoiceId",
];
const SPELLING = new Map(KNOWN.map((name) => [name.toLowerCase(), name]));

/** What is grouped by: the configured keys, the charge category's first. */
export function groupKeys(configured: readonly string[] = DEFAULT_KEYS): string[] {
  const keys = configured.map((key) => SPELLING.get(key.toLowerCase()) ?? key);
  return [CATEGORY_KEY, ...keys.filter((key) => key !== CATEGORY_KEY)];
}

/** `ServiceName` or `TAG:team` as Azure takes them. */
export function queryGroup(key: string): CostQueryGroup {
  return key.startsWith("TAG:") ? { type: "TagKey", name: key.slice(4) } : { type: "Dimension", name: key };
}

/** The column of an answer that holds a key's values, in lower case. */
export function columnOf(key: string): string {
  return key.startsWith("TAG:") ? "tagvalue" : key.toLowerCase();
}
