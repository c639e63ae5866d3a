import { focusColumnOfSnakeCase } from "../focus/schema.ts";

/** Costs that are added up; the first two must be there. */
export const COSTS = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"] as const;

/**
 * What daily groups keep apart: everything that decides the cube, the mapping rules (UP-2, UP-4, UP-7) or a usual question, and has few
 * values. A table lacks some of them; what budget scopes name comes on top.
 */
const KEPT = [
  "BillingAccountId",
  "BillingAccountName",
  "BillingAccountType",
  "BillingCurrency",
  "ChargeCategory",
  "ChargeClass",
  "ChargeFrequency",
  "CommitmentDiscountCategory",
  "CommitmentDiscountStatus",
  "CommitmentDiscountType",
  "HostProviderName",
  "InvoiceId",
  "InvoiceIssuerName",
  "PricingCategory",
  "ProviderName",
  "PublisherName",
  "RegionId",
  "RegionName",
  "ServiceCategory",
  "ServiceName",
  "ServiceProviderName",
  "ServiceSubcategory",
  "SubAccountId",
  "SubAccountName",
  "SubAccountType",
  "Tags",
  "x_InvoiceId",
  "x_Labels",
  "x_ProjectLabels",
  "x_SystemLabels",
  "x_Tags",
] as const;

/** Columns of the daily groups under a configuration. `tag:…` scopes are answered by Tags. */
export function groupColumns(scopeColumns: readonly string[]): string[] {
  const named = scopeColumns.flatMap((name) => {
    const column = focusColumnOfSnakeCase(name);
    return column === undefined || column.type === "decimal" || column.type === "datetime" ? [] : [column.name];
  });
  return [...new Set([...KEPT, ...named])];
}
