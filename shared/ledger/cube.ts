/**
 * The daily cube (L8): what budgets, anomalies and most reports read. One row per combination of dimensions.
 * Beside these columns it has every further column that configured budget scopes name (snake_case FOCUS names).
 */
export const CUBE_DIMENSIONS = [
  "date", // DATE: UTC date of ChargePeriodStart
  "billing_period", // VARCHAR: 2024-09
  "source", // VARCHAR: id of the source
  "provider", // VARCHAR: slug of HostProviderName
  "account", // VARCHAR: bare SubAccountId, else bare BillingAccountId
  "service", // VARCHAR: ServiceName
  "region", // VARCHAR, nullable: RegionId
  "charge_category", // VARCHAR
  "currency", // VARCHAR: BillingCurrency
  "team", // VARCHAR, `unallocated` where nothing tells; likewise the next three
  "project",
  "environment",
  "cost_center",
  "metered", // BOOLEAN: token telemetry, not a bill (x_CostSource)
] as const;

/** DECIMAL(38,18) each, and `rows` BIGINT. */
export const CUBE_MEASURES = ["billed", "effective", "list", "contracted", "rows"] as const;
