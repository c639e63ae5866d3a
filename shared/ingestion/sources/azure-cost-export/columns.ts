/** Columns of cost details that mapping.sql reads by name, with every spelling of their headers (compared without case and blanks). */
const READ: Readonly<Record<string, readonly string[]>> = {
  AdditionalInfo: [],
  BenefitId: [],
  BenefitName: [],
  BillingAccountId: [],
  BillingAccountName: [],
  BillingCurrency: ["BillingCurrencyCode", "Currency"],
  BillingPeriodEndDate: ["BillingPeriodEnd"],
  BillingPeriodStartDate: ["BillingPeriodStart"],
  BillingProfileId: [],
  BillingProfileName: [],
  ChargeType: [],
  ConsumedService: [],
  Cost: [],
  CostInBillingCurrency: [],
  CostInPricingCurrency: [],
  Date: ["UsageDate", "UsageDateTime"],
  EffectivePrice: ["ResourceRate"],
  ExchangeRatePricingToBilling: [],
  Frequency: [],
  InvoiceId: [],
  Location: [],
  MeterCategory: [],
  MeterName: [],
  MeterSubCategory: [],
  PartnerName: [],
  PaygCostInBillingCurrency: [],
  PayGPrice: [],
  PreTaxCost: [],
  PricingCurrency: ["PricingCurrencyCode"],
  PricingModel: [],
  ProductId: [],
  ProductName: ["Product"],
  PublisherName: [],
  PublisherType: [],
  Quantity: ["ConsumedQuantity", "UsageQuantity"],
  ResourceId: ["InstanceId"],
  ResourceLocation: [],
  SubscriptionGuid: [],
  SubscriptionId: [],
  SubscriptionName: [],
  Tags: [],
  UnitOfMeasure: [],
  UnitPrice: [],
};

/** Columns that no rule needs and FOCUS has no place for: kept under one spelling for EA, MCA and pay-as-you-go. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  x_AccountName: ["AccountName"],
  x_AccountOwnerId: ["AccountOwnerId"],
  x_AvailabilityZone: ["AvailabilityZone"],
  x_CostAllocationRuleName: ["CostAllocationRuleName"],
  x_CostCenter: ["CostCenter"],
  x_InvoiceSectionId: ["InvoiceSectionId"],
  x_InvoiceSectionName: ["InvoiceSectionName", "InvoiceSection"],
  x_MeterId: ["MeterId", "MeterGuid"],
  x_MeterRegion: ["MeterRegion"],
  x_OfferId: ["OfferId"],
  x_PartNumber: ["PartNumber"],
  x_PlanName: ["PlanName"],
  x_PreviousInvoiceId: ["PreviousInvoiceId"],
  x_ProductOrderId: ["ProductOrderId"],
  x_ProductOrderName: ["ProductOrderName"],
  x_PublisherId: ["PublisherId"],
  x_ResellerName: ["ResellerName"],
  x_ReservationId: ["ReservationId"],
  x_ReservationName: ["ReservationName"],
  x_ResourceGroup: ["ResourceGroup", "ResourceGroupName"],
  x_ServiceFamily: ["ServiceFamily"],
  x_ServiceInfo1: ["ServiceInfo1"],
  x_ServiceInfo2: ["ServiceInfo2"],
  x_Term: ["Term"],
};

/** Documented columns that repeat what is mapped: neither read nor kept. */
const UNREAD = [
  "CostInUsd",
  "ExchangeRateDate",
  "IsAzureCreditEligible",
  "PaygCostInUsd",
  "Provider",
  "ResellerMpnId",
  "ResourceName",
  "ServicePeriodEndDate",
  "ServicePeriodStartDate",
];

export const EXPECTED_COLUMNS: readonly string[] = [...Object.keys(READ), ...Object.keys(KEPT)];

/** Read columns that hold numbers or dates: where a value that cannot be read is looked for. */
/** AZ-2 and its older names. */
export const COST_SQL = "coalesce(CostInBillingCurrency, Cost, PreTaxCost)";

export const PARSED_COLUMNS: readonly string[] = [
  "CostInBillingCurrency",
  "Cost",
  "PreTaxCost",
  "CostInPricingCurrency",
  "PaygCostInBillingCurrency",
  "PayGPrice",
  "UnitPrice",
  "Quantity",
  "ExchangeRatePricingToBilling",
];

/** Columns whose slash dates decide together whether the day or the month comes first. */
export const DATE_COLUMNS = ["BillingPeriodEndDate", "Date", "BillingPeriodStartDate"] as const;

/** `x_` columns that mapping.sql writes itself; a delivered column of that name gets another one. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(
  [
    ...Object.keys(KEPT),
    "x_AdditionalInfo",
    "x_AmortizationMissing",
    "x_BenefitId",
    "x_ChargeType",
    "x_EffectivePrice",
    "x_Frequency",
    "x_Location",
    "x_MeterCategory",
    "x_MeterSubCategory",
    "x_PricingBlockSize",
    "x_PricingModel",
    "x_PublisherType",
    "x_Quantity",
    "x_TagsRaw",
    "x_UnitOfMeasure",
  ].map((name) => name.toLowerCase()),
);

const BY_KEY: ReadonlyMap<string, string> = new Map(
  [
    ...Object.entries(READ).map(([name, others]) => [name, [name, ...others]] as const),
    ...Object.entries(KEPT),
  ].flatMap(([name, spellings]) => spellings.map((spelling) => [keyOf(spelling), name] as const)),
);
const UNREAD_KEYS: ReadonlySet<string> = new Set(UNREAD.map(keyOf));

/**
 * The name under which mapping.sql reads a header, whatever its case; localised exports carry the English name in parentheses:
 * `Kosten (Cost)` → `Cost`.
 */
export function canonicalName(header: string): string | undefined {
  return keysOf(header)
    .map((key) => BY_KEY.get(key))
    .find((name) => name !== undefined);
}

/** Documented by Microsoft: mapped, kept under a name of ours, or left out on purpose. */
export function isDocumented(header: string): boolean {
  return canonicalName(header) !== undefined || keysOf(header).some((key) => UNREAD_KEYS.has(key));
}

/** `x_` and the delivered name, or another one where that is taken by a column of ours. */
export function keptName(header: string): string {
  const bare = header.replace(/^x_/i, "") || "Unnamed";
  return OWN_COLUMNS.has(`x_${bare.toLowerCase()}`) ? `x_Delivered_${bare}` : `x_${bare}`;
}

function keysOf(header: string): string[] {
  const english = /\(([^()]+)\)\s*$/.exec(header)?.[1];
  return english === undefined ? [keyOf(header)] : [keyOf(english), keyOf(header)];
}

function keyOf(header: string): string {
  return header.replace(/[\s\uFEFF_]/g, "").toLowerCase();
}
