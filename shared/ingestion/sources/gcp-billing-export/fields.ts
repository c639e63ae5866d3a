/** Scalars of an export row: column of `bill` → path in the row. */
export const SCALARS: Readonly<Record<string, readonly string[]>> = {
  billing_account_id: ["billing_account_id"],
  service_id: ["service", "id"],
  service_description: ["service", "description"],
  sku_id: ["sku", "id"],
  sku_description: ["sku", "description"],
  usage_start_time: ["usage_start_time"],
  usage_end_time: ["usage_end_time"],
  project_id: ["project", "id"],
  project_name: ["project", "name"],
  location_location: ["location", "location"],
  location_region: ["location", "region"],
  location_zone: ["location", "zone"],
  transaction_type: ["transaction_type"],
  seller_name: ["seller_name"],
  cost: ["cost"],
  currency: ["currency"],
  currency_conversion_rate: ["currency_conversion_rate"],
  usage_amount: ["usage", "amount"],
  usage_unit: ["usage", "unit"],
  usage_amount_in_pricing_units: ["usage", "amount_in_pricing_units"],
  usage_pricing_unit: ["usage", "pricing_unit"],
  invoice_month: ["invoice", "month"],
  cost_type: ["cost_type"],
  adjustment_id: ["adjustment_info", "id"],
  adjustment_description: ["adjustment_info", "description"],
  adjustment_mode: ["adjustment_info", "mode"],
  adjustment_type: ["adjustment_info", "type"],
  cost_at_list: ["cost_at_list"],
  price_list_price: ["price", "list_price"],
  price_effective_price: ["price", "effective_price"],
  price_tier_start_amount: ["price", "tier_start_amount"],
  price_pricing_unit_quantity: ["price", "pricing_unit_quantity"],
  resource_name: ["resource", "name"],
  resource_global_name: ["resource", "global_name"],
  subscription_instance_id: ["subscription", "instance_id"],
  // Kept as they are.
  x_ExportTime: ["export_time"],
  x_InvoicePublisherType: ["invoice", "publisher_type"],
  x_ProjectAncestryNumbers: ["project", "ancestry_numbers"],
  x_ProjectNumber: ["project", "number"],
  x_ServiceId: ["service", "id"],
};

export interface ListField {
  path: readonly string[];
  /** Members of one item that are read. */
  members: readonly string[];
}

/** Repeated records: column of `bill` → where it is and what its items hold. */
export const LISTS: Readonly<Record<string, ListField>> = {
  labels: { path: ["labels"], members: ["key", "value"] },
  project_labels: { path: ["project", "labels"], members: ["key", "value"] },
  system_labels: { path: ["system_labels"], members: ["key", "value"] },
  tags: { path: ["tags"], members: ["key", "value", "namespace"] },
  credits: { path: ["credits"], members: ["name", "amount", "type"] },
};

/** Columns of `bill` that hold numbers or instants: where a value that cannot be read is looked for. */
export const PARSED_COLUMNS: readonly string[] = [
  "cost",
  "cost_at_list",
  "usage_amount",
  "usage_amount_in_pricing_units",
  "currency_conversion_rate",
  "price_list_price",
  "price_effective_price",
  "price_pricing_unit_quantity",
  "usage_start_time",
  "usage_end_time",
];

/** Records of a row; everything else at the top is a scalar or a list. */
export const RECORDS: readonly string[] = [
  ...new Set(Object.values(SCALARS).flatMap((path) => (path.length > 1 ? [path[0] as string] : []))),
];

/** Top-level names that are mapped; every other one is kept as `x_…`. */
export const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...Object.values(SCALARS).map((path) => path[0] as string),
  ...Object.values(LISTS).map(({ path }) => path[0] as string),
]);

/** Without these a row cannot be placed. */
export const MANDATORY: readonly string[] = [
  "service",
  "sku",
  "usage_start_time",
  "usage_end_time",
  "cost",
  "invoice",
  "cost_type",
];

/** GCP-1. */
export const COST_TYPES: readonly string[] = ["regular", "tax", "adjustment", "rounding_error"];

/** `x_` columns that the mapping writes itself; a delivered column of that name gets another one. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(
  [
    ...Object.keys(SCALARS),
    "x_AdjustmentDescription",
    "x_AdjustmentId",
    "x_AdjustmentMode",
    "x_AdjustmentType",
    "x_CostType",
    "x_CreditType",
    "x_Credits",
    "x_CurrencyConversionRate",
    "x_InvoiceMonth",
    "x_Location",
    "x_SellerName",
    "x_TransactionType",
    "x_UsageAmount",
  ].map((name) => name.toLowerCase()),
);

/** `x_` and the delivered name, or another one where that is taken by a column of ours. */
export function keptName(header: string): string {
  const bare = header.replace(/^x_/i, "") || "Unnamed";
  return OWN_COLUMNS.has(`x_${bare.toLowerCase()}`) ? `x_Delivered_${bare}` : `x_${bare}`;
}
