-- Google Cloud billing export (standard and detailed, BigQuery rows) → FOCUS 1.4. Rules GCP-1 … GCP-8, X-1 … X-10 of focus.md.
-- `bill` holds one export row per row: records as flat text columns, labels, tags and credits as lists of records.
WITH priced AS (
  SELECT *,
    money(cost) AS gross,
    -- GCP-2: cost + the credits that reprice the row; never clamped
    CASE WHEN len(credits) > 0 THEN money(cost) + coalesce(list_sum(list_transform(
      list_filter(credits, lambda c: gcp_reprices(c."type")), lambda c: money(c.amount))), 0::DECIMAL(38,18)) ELSE money(cost) END
      ::DECIMAL(38,18) AS net,
    gcp_is_fee(cost_type, sku_description) AS is_fee,
    gcp_instant(usage_start_time) AS usage_start,
    gcp_instant(usage_end_time) AS usage_end,
    CASE WHEN currency_conversion_rate IS NOT NULL AND money(currency_conversion_rate) NOT IN (0, 1)
         THEN money(currency_conversion_rate) END AS rate,
    nullif(coalesce(money(price_pricing_unit_quantity), 1), 0) AS price_quantity
  FROM bill
),
-- One row per charge: the row itself; a fee is a Purchase and its amortised Usage twin (GCP-3); own rows of credits (GCP-2).
charged AS (
  SELECT *, unnest(CASE
    WHEN NOT is_fee AND coalesce(len(credits), 0) = 0 THEN [{'kind': 'row', 'amount': 0::DECIMAL(38,18), 'type': NULL::VARCHAR, 'name': NULL::VARCHAR}]
    ELSE list_concat(
      CASE WHEN is_fee
           THEN [{'kind': 'fee', 'amount': 0::DECIMAL(38,18), 'type': NULL::VARCHAR, 'name': NULL::VARCHAR},
                 {'kind': 'commitment', 'amount': 0::DECIMAL(38,18), 'type': NULL::VARCHAR, 'name': NULL::VARCHAR}]
           ELSE [{'kind': 'row', 'amount': 0::DECIMAL(38,18), 'type': NULL::VARCHAR, 'name': NULL::VARCHAR}] END,
      list_transform(list_filter(coalesce(credits, []), lambda c: NOT gcp_reprices(c."type")),
        lambda c: {'kind': 'credit', 'amount': money(c.amount), 'type': c."type", 'name': c."name"})) END) AS charge
  FROM priced
),
classified AS (
  SELECT *,
    charge.kind AS kind,
    -- GCP-1
    CASE charge.kind
      WHEN 'credit' THEN 'Credit' WHEN 'fee' THEN 'Purchase' WHEN 'commitment' THEN 'Usage'
      ELSE CASE cost_type WHEN 'regular' THEN 'Usage' WHEN 'tax' THEN 'Tax' WHEN 'adjustment' THEN 'Adjustment'
                          WHEN 'rounding_error' THEN 'Adjustment' END END AS category,
    CASE charge.kind WHEN 'credit' THEN charge.amount WHEN 'commitment' THEN 0 ELSE net END::DECIMAL(38,18) AS billed,
    CASE charge.kind WHEN 'credit' THEN charge.amount WHEN 'fee' THEN 0 ELSE net END::DECIMAL(38,18) AS effective,
    charge.kind IN ('row', 'fee') AS is_priced,
    -- GCP-3
    CASE WHEN charge.kind IN ('fee', 'commitment') THEN coalesce(subscription_instance_id, resource_global_name, sku_id) END AS commitment_id,
    coalesce(starts_with(transaction_type, 'THIRD_PARTY'), false) AS is_third_party,
    (service_description = 'Vertex AI' OR starts_with(service_description, 'Vertex AI')) AS is_vertex
  FROM charged
)
SELECT
  billed AS BilledCost,
  effective AS EffectiveCost,
  -- The twin of a fee repeats money that the Purchase has already
  CASE kind WHEN 'credit' THEN billed WHEN 'commitment' THEN 0 ELSE coalesce(money(cost_at_list), gross) END::DECIMAL(38,18) AS ListCost,
  CASE kind WHEN 'credit' THEN billed WHEN 'commitment' THEN 0 ELSE gross END::DECIMAL(38,18) AS ContractedCost,
  CASE WHEN is_priced THEN CASE WHEN price_quantity = 1 THEN money(price_list_price)
    ELSE over(money(price_list_price), price_quantity) END END AS ListUnitPrice,
  CASE WHEN is_priced THEN CASE WHEN price_quantity = 1 THEN money(price_effective_price)
    ELSE over(money(price_effective_price), price_quantity) END END AS ContractedUnitPrice,

  replace(coalesce(nullif(billing_account_id, ''), configured_account), '_', '-') AS BillingAccountId,
  'Billing Account' AS BillingAccountType,
  -- GCP-8: support, tax and rounding belong to no project
  project_id AS SubAccountId,
  CASE WHEN project_id IS NOT NULL THEN project_name END AS SubAccountName,
  CASE WHEN project_id IS NOT NULL THEN 'Project' END AS SubAccountType,
  coalesce(nullif(currency, ''), configured_currency) AS BillingCurrency,
  -- Google prices in USD; the rate leads from USD to the billing currency
  CASE WHEN rate IS NULL THEN coalesce(nullif(currency, ''), configured_currency) ELSE 'USD' END AS PricingCurrency,
  CASE WHEN rate IS NULL OR effective = 0 THEN effective ELSE over(effective, rate) END::DECIMAL(38,18) AS PricingCurrencyEffectiveCost,

  -- GCP-7: the invoice month as UTC calendar month, whatever the usage's month
  coalesce((left(invoice_month, 4) || '-' || right(invoice_month, 2) || '-01')::TIMESTAMP, date_trunc('month', usage_start)::TIMESTAMP)
    AS BillingPeriodStart,
  (BillingPeriodStart + INTERVAL 1 MONTH)::TIMESTAMP AS BillingPeriodEnd,
  usage_start AS ChargePeriodStart,
  CASE WHEN usage_end = usage_start THEN (usage_start + INTERVAL 1 SECOND)::TIMESTAMP ELSE usage_end END AS ChargePeriodEnd,

  category AS ChargeCategory,
  -- GCP-5: adjusted, and used in a month (of Los Angeles) before the invoice's
  CASE WHEN coalesce(adjustment_id, adjustment_description, adjustment_mode, adjustment_type) IS NULL THEN NULL
       WHEN strftime(timezone('America/Los_Angeles', timezone('UTC', usage_start)), '%Y%m') < invoice_month THEN 'Correction' END AS ChargeClass,
  CASE WHEN kind = 'credit' THEN coalesce(charge.name, sku_description) ELSE sku_description END AS ChargeDescription,
  -- X-8
  CASE category WHEN 'Usage' THEN 'Usage-Based' WHEN 'Purchase' THEN 'Recurring' ELSE 'One-Time' END AS ChargeFrequency,
  -- X-9, GCP-3 (usage that a commitment covers), GCP-8 (spot)
  CASE WHEN category = 'Purchase' THEN 'Standard'
       WHEN category <> 'Usage' THEN NULL
       WHEN kind = 'commitment' THEN 'Committed'
       WHEN len(credits) > 0 AND len(list_filter(credits, lambda c: starts_with(c."type", 'COMMITTED_USAGE_DISCOUNT'))) > 0 THEN 'Committed'
       WHEN contains(sku_description, 'Preemptible') OR starts_with(sku_description, 'Spot') THEN 'Dynamic'
       ELSE 'Standard' END AS PricingCategory,

  -- GCP-3
  commitment_id AS CommitmentDiscountId,
  CASE WHEN commitment_id IS NULL THEN NULL WHEN contains(lower(sku_description), 'dollar based') THEN 'Spend' ELSE 'Usage' END
    AS CommitmentDiscountCategory,
  CASE WHEN commitment_id IS NOT NULL THEN 'Committed Use Discount' END AS CommitmentDiscountType,
  CASE WHEN kind <> 'commitment' OR commitment_id IS NULL THEN NULL
       WHEN len(list_filter(coalesce(credits, []), lambda c: c."type" = 'FEE_UTILIZATION_OFFSET')) > 0 THEN 'Unused'
       ELSE 'Used' END AS CommitmentDiscountStatus,

  -- X-10; credits and the twin of a fee have no quantities
  CASE WHEN is_priced AND category <> 'Tax' AND usage_pricing_unit IS NOT NULL THEN money(usage_amount_in_pricing_units) END AS PricingQuantity,
  CASE WHEN PricingQuantity IS NOT NULL THEN usage_pricing_unit END AS PricingUnit,
  CASE WHEN kind <> 'row' OR category <> 'Usage' OR usage_unit IS NULL THEN NULL
       WHEN gcp_fits(usage_amount) THEN money(usage_amount)
       WHEN usage_pricing_unit IS NOT NULL THEN money(usage_amount_in_pricing_units) END AS ConsumedQuantity,
  CASE WHEN ConsumedQuantity IS NULL THEN NULL WHEN gcp_fits(usage_amount) THEN usage_unit ELSE usage_pricing_unit END AS ConsumedUnit,

  location_region AS RegionId,
  location_region AS RegionName,
  location_zone AS AvailabilityZone,
  resource_global_name AS ResourceId,
  resource_name AS ResourceName,
  CASE WHEN starts_with(resource_global_name, '//')
       THEN split_part(resource_global_name, '/', 3) || '/' || split_part(resource_global_name, '/', -2) END AS ResourceType,
  CASE WHEN len(system_labels) > 0
       THEN list_filter(system_labels, lambda l: ends_with(l."key", 'reservation_name'))[1]."value" END AS CapacityReservationId,
  CASE WHEN CapacityReservationId IS NULL THEN NULL
       WHEN list_filter(system_labels, lambda l: ends_with(l."key", 'is_unused_reservation'))[1]."value" = 'true' THEN 'Unused'
       ELSE 'Used' END AS CapacityReservationStatus,

  coalesce(service_description, service_id, 'Google Cloud') AS ServiceName,
  -- X-7
  CASE WHEN is_vertex OR gcp_sells_models(service_description, seller_name) THEN 'AI and Machine Learning'
       ELSE coalesce(ServiceCategory, 'Other') END AS ServiceCategory,
  CASE WHEN is_vertex THEN CASE WHEN gcp_is_generative(sku_description) THEN 'Generative AI' ELSE 'Machine Learning' END
       WHEN gcp_sells_models(service_description, seller_name) THEN 'Generative AI'
       ELSE 'Other (' || coalesce(gcp_categories.ServiceCategory, 'Other') || ')' END AS ServiceSubcategory,
  CASE WHEN category <> 'Tax' THEN sku_id END AS SkuId,
  CASE WHEN category <> 'Tax' THEN sku_id || '-' || price_tier_start_amount END AS SkuPriceId,
  sku_description AS SkuMeter,
  CASE WHEN len(system_labels) > 0 THEN gcp_object(list_transform(system_labels, lambda l: {'key': 'x_' || l."key", 'value': l."value"})) END
    AS SkuPriceDetails,

  CASE WHEN is_third_party THEN coalesce(seller_name, 'Google Cloud') ELSE 'Google Cloud' END AS ServiceProviderName,
  'Google Cloud' AS HostProviderName,
  'Google Cloud' AS InvoiceIssuerName,
  -- GCP-6: labels before labels of the project before system labels
  CASE WHEN coalesce(len(labels), 0) + coalesce(len(project_labels), 0) + coalesce(len(system_labels), 0) + coalesce(len(tags), 0) = 0 THEN NULL
       ELSE gcp_object(list_concat(coalesce(labels, []), coalesce(project_labels, []), coalesce(system_labels, []),
         list_transform(coalesce(tags, []), lambda t: {'key': 'tag:' || coalesce(t.namespace || '/', '') || t."key", 'value': t."value"}))) END AS Tags,

  -- X-6
  cost_type AS x_CostType,
  charge.type AS x_CreditType,
  CASE WHEN kind <> 'credit' THEN credits_json END AS x_Credits,
  invoice_month AS x_InvoiceMonth,
  location_location AS x_Location,
  transaction_type AS x_TransactionType,
  seller_name AS x_SellerName,
  currency_conversion_rate AS x_CurrencyConversionRate,
  adjustment_id AS x_AdjustmentId,
  adjustment_description AS x_AdjustmentDescription,
  adjustment_mode AS x_AdjustmentMode,
  adjustment_type AS x_AdjustmentType,
  CASE WHEN NOT gcp_fits(usage_amount) THEN usage_amount END AS x_UsageAmount,
  COLUMNS(lambda c: starts_with(c, 'x_'))
FROM classified
LEFT JOIN gcp_categories ON gcp_categories.ConsumedService = service_description
