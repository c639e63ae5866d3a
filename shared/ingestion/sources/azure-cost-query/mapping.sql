-- Groups of Azure's Query API → FOCUS 1.4: one row per group, day and currency. Rules: reference/focus.md §8 (Query API, AZ-3, AZ-6).
-- What the API cannot tell is null. Reads `fetched_cells` (paged/cells.sql), `azure_query_scope`, `azure_query_services` and the lookups of
-- the cost export.
WITH groups AS (
  SELECT keys, day, day_end, unit, is_remainder,
    -- Two queries, joined on day and group: what one of them does not mention is nothing there.
    coalesce(sum(CASE WHEN measure = 'ActualCost' THEN cost END), 0)::DECIMAL(38,18) AS billed,
    coalesce(sum(CASE WHEN measure = 'AmortizedCost' THEN cost END), 0)::DECIMAL(38,18) AS effective
  FROM fetched_cells
  GROUP BY ALL
),
dimensions AS (
  SELECT keys,
    lower(replace(keys ->> '$.ChargeType', ' ', '')) AS type,
    nullif(keys ->> '$.ChargeType', '') AS charge_type,
    lower(replace(keys ->> '$.PricingModel', ' ', '')) AS model,
    nullif(keys ->> '$.ServiceName', '') AS service,
    nullif(keys ->> '$.MeterCategory', '') AS meter_category,
    nullif(keys ->> '$.Meter', '') AS meter,
    nullif(keys ->> '$.SubscriptionId', '') AS subscription,
    nullif(keys ->> '$.SubscriptionName', '') AS subscription_name,
    nullif(coalesce(keys ->> '$.ResourceGroupName', keys ->> '$.ResourceGroup'), '') AS resource_group,
    nullif(keys ->> '$.ResourceLocation', '') AS location,
    lower(nullif(keys ->> '$.ResourceId', '')) AS resource_id,
    nullif(keys ->> '$.ResourceId', '') AS resource_path,
    lower(nullif(keys ->> '$.ResourceType', '')) AS resource_type,
    nullif(keys ->> '$.InvoiceId', '') AS invoice,
    list_filter(map_entries(TRY_CAST(keys::JSON AS MAP(VARCHAR, VARCHAR))), lambda e: starts_with(e."key", 'TAG:') AND e."value" <> '') AS tags
  FROM (SELECT DISTINCT keys FROM fetched_cells)
),
known_services AS (
  SELECT ServiceName AS name, min(ServiceCategory) AS category FROM azure_services GROUP BY ALL
),
charges AS (
  SELECT *,
    -- AZ-3; without a charge type (remainders have one) it is usage
    CASE
      WHEN type IS NULL OR type IN ('usage', 'unusedreservation', 'unusedsavingsplan') THEN 'Usage'
      WHEN type IN ('purchase', 'refund') THEN 'Purchase'
      WHEN type = 'credit' THEN 'Credit'
      WHEN type = 'tax' THEN 'Tax'
      ELSE 'Adjustment' END AS category,
    coalesce(service, meter_category, 'Azure') AS service_name,
    coalesce(subscription, scope_subscription) AS sub_account
  FROM groups JOIN dimensions USING (keys), azure_query_scope
),
served AS (
  SELECT charges.*,
    coalesce(own.category, known_services.category, 'Other') AS service_category,
    coalesce(regexp_matches(service_name, '(OpenAI|Foundry|Copilot)'), FALSE) AS is_generative,
    service_name = 'Azure Machine Learning' AS is_machine_learning
  FROM charges
  LEFT JOIN azure_query_services own ON own.service = service_name
  LEFT JOIN known_services ON known_services.name = service_name
)
SELECT
  billed AS BilledCost,
  effective AS EffectiveCost,
  -- AZ-7, its last resort: the API knows no prices
  CASE WHEN category = 'Usage' THEN effective ELSE billed END AS ListCost,
  CASE WHEN category = 'Usage' THEN effective ELSE billed END AS ContractedCost,
  billing_account AS BillingAccountId,
  billing_account_type AS BillingAccountType,
  sub_account AS SubAccountId,
  CASE WHEN sub_account IS NOT NULL THEN subscription_name END AS SubAccountName,
  CASE WHEN sub_account IS NOT NULL THEN 'Subscription' END AS SubAccountType,
  unit AS BillingCurrency,
  unit AS PricingCurrency,
  effective AS PricingCurrencyEffectiveCost,
  -- X-2
  date_trunc('month', instant(day))::TIMESTAMP AS BillingPeriodStart,
  (date_trunc('month', instant(day)) + INTERVAL 1 MONTH)::TIMESTAMP AS BillingPeriodEnd,
  instant(day) AS ChargePeriodStart,
  instant(day_end) AS ChargePeriodEnd,
  category AS ChargeCategory,
  -- AZ-6
  CASE WHEN type = 'refund' THEN 'Correction' END AS ChargeClass,
  coalesce(meter, CASE WHEN charge_type <> 'Usage' THEN charge_type END, service_name) AS ChargeDescription,
  -- X-8
  CASE WHEN category = 'Usage' THEN 'Usage-Based' ELSE 'One-Time' END AS ChargeFrequency,
  -- X-9
  CASE WHEN category NOT IN ('Usage', 'Purchase') THEN NULL
    WHEN category = 'Usage' AND (coalesce(type, '') LIKE 'unused%' OR model IN ('reservation', 'savingsplan')) THEN 'Committed'
    WHEN category = 'Usage' AND model = 'spot' THEN 'Dynamic'
    ELSE 'Standard' END AS PricingCategory,
  coalesce(r.RegionId, lower(replace(location, ' ', ''))) AS RegionId,
  coalesce(r.RegionName, location) AS RegionName,
  resource_id AS ResourceId,
  nullif(split_part(resource_path, '/', -1), '') AS ResourceName,
  coalesce(t.SingularDisplayName, served.resource_type) AS ResourceType,
  service_name AS ServiceName,
  -- X-7
  CASE WHEN is_generative OR is_machine_learning THEN 'AI and Machine Learning' ELSE service_category END AS ServiceCategory,
  CASE WHEN is_generative THEN 'Generative AI' WHEN is_machine_learning THEN 'Machine Learning'
    ELSE 'Other (' || service_category || ')' END AS ServiceSubcategory,
  CASE WHEN category <> 'Tax' THEN meter END AS SkuMeter,
  'Microsoft' AS ServiceProviderName,
  'Microsoft' AS HostProviderName,
  'Microsoft' AS InvoiceIssuerName,
  invoice AS InvoiceId,
  -- X-5
  CASE WHEN len(tags) > 0 THEN '{' || array_to_string(list_transform(tags,
    lambda e: to_json(e."key"[5:])::VARCHAR || ':' || to_json(e."value")::VARCHAR), ',') || '}' END AS Tags,
  -- X-6
  charge_type AS x_ChargeType,
  resource_group AS x_ResourceGroupName,
  meter_category AS x_MeterCategory,
  keys AS x_Dimensions,
  -- What narrower queries left of a coarse group.
  is_remainder AS x_Remainder,
  TRUE AS x_CostFilled
FROM served
LEFT JOIN azure_regions r ON r.OriginalValue = lower(location)
LEFT JOIN azure_resource_types t ON t.ResourceType = served.resource_type
