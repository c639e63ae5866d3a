-- Cost Explorer's groups → FOCUS 1.4: one row per group, day and currency. Rules: reference/focus.md §6 (column Cost Explorer) and §7.
-- What the API cannot tell is null. Reads `fetched_cells` (paged/cells.sql), `bill`, `ce_measures`, `ce_services` (X-7).
WITH
-- AWS-3 and AWS-6 by RECORD_TYPE, in the API's and the console's spelling. No status: the API names no commitment.
kinds(word, category, frequency, committed) AS (
  VALUES
    ('usage', 'Usage', 'Usage-Based', FALSE),
    ('edpdiscount', 'Usage', 'Usage-Based', FALSE),
    ('enterprisediscountprogramdiscount', 'Usage', 'Usage-Based', FALSE),
    ('privateratediscount', 'Usage', 'Usage-Based', FALSE),
    ('privateratecarddiscount', 'Usage', 'Usage-Based', FALSE),
    ('bundleddiscount', 'Usage', 'Usage-Based', FALSE),
    ('discount', 'Usage', 'Usage-Based', FALSE),
    ('volumediscount', 'Usage', 'Usage-Based', FALSE),
    ('distributordiscount', 'Usage', 'Usage-Based', FALSE),
    ('sppdiscount', 'Usage', 'Usage-Based', FALSE),
    ('solutionproviderprogramdiscount', 'Usage', 'Usage-Based', FALSE),
    ('savingsplancoveredusage', 'Usage', 'Usage-Based', TRUE),
    ('savingsplannegation', 'Usage', 'Usage-Based', TRUE),
    ('discountedusage', 'Usage', 'Usage-Based', TRUE),
    ('reservationappliedusage', 'Usage', 'Usage-Based', TRUE),
    ('savingsplanrecurringfee', 'Purchase', 'Recurring', FALSE),
    ('savingsplanupfrontfee', 'Purchase', 'One-Time', FALSE),
    ('rifee', 'Purchase', 'Recurring', FALSE),
    ('recurring', 'Purchase', 'Recurring', FALSE),
    ('recurringreservationfee', 'Purchase', 'Recurring', FALSE),
    ('upfront', 'Purchase', 'One-Time', FALSE),
    ('upfrontreservationfee', 'Purchase', 'One-Time', FALSE),
    ('fee', 'Purchase', 'Recurring', FALSE),
    ('support', 'Purchase', 'Recurring', FALSE),
    ('supportfee', 'Purchase', 'Recurring', FALSE),
    ('flatratesubscription', 'Purchase', 'Recurring', FALSE),
    ('otheroutofcyclecharges', 'Purchase', 'One-Time', FALSE),
    ('tax', 'Tax', 'One-Time', FALSE),
    ('credit', 'Credit', 'One-Time', FALSE),
    ('refund', 'Refund', 'One-Time', FALSE)
),
groups AS (
  SELECT keys, day, day_end, unit, is_remainder,
    coalesce(sum(CASE WHEN measure = ce_measures.billed THEN cost END), 0)::DECIMAL(38,18) AS billed,
    coalesce(sum(CASE WHEN measure = ce_measures.effective THEN cost END), 0)::DECIMAL(38,18) AS effective,
    -- The undiscounted price is the nearest to a list price that the API has.
    sum(CASE WHEN measure = 'UnblendedCost' THEN cost END)::DECIMAL(38,18) AS unblended,
    bool_or(ce_measures.billed = ce_measures.effective) AS amortization_missing,
    max(estimated) AS estimated, max(payer) AS payer
  FROM fetched_cells, ce_measures
  GROUP BY ALL
),
-- X-10: only where the group is one usage type, and the API itself has found one unit for it.
quantities AS (
  SELECT keys, day, day_end, sum(money(amount))::DECIMAL(38,18) AS quantity, min(unit) AS quantity_unit
  FROM bill WHERE measure = 'UsageQuantity'
  GROUP BY ALL HAVING count(*) = 1 AND min(unit) <> '' AND min(unit) <> 'N/A'
),
dimensions AS (
  SELECT keys,
    lower(regexp_replace(keys ->> '$.RECORD_TYPE', '[^A-Za-z]', '', 'g')) AS word,
    nullif(keys ->> '$.RECORD_TYPE', '') AS record_type,
    nullif(keys ->> '$.SERVICE', '') AS service,
    nullif(keys ->> '$.LINKED_ACCOUNT', '') AS linked_account,
    nullif(keys ->> '$.REGION', '') AS region,
    nullif(keys ->> '$.AZ', '') AS zone,
    nullif(keys ->> '$.USAGE_TYPE', '') AS usage_type,
    nullif(keys ->> '$.OPERATION', '') AS operation,
    nullif(keys ->> '$.PURCHASE_TYPE', '') AS purchase_type,
    nullif(keys ->> '$.INSTANCE_TYPE', '') AS instance_type,
    nullif(keys ->> '$.LEGAL_ENTITY_NAME', '') AS legal_entity,
    nullif(keys ->> '$.INVOICING_ENTITY', '') AS invoicing_entity,
    map_entries(TRY_CAST(keys::JSON AS MAP(VARCHAR, VARCHAR))) AS entries
  FROM (SELECT DISTINCT keys FROM fetched_cells)
),
-- Only answers that group by account name it.
accounts AS (
  SELECT keys ->> '$.LINKED_ACCOUNT' AS linked_account, max(account_name) AS account_name
  FROM (SELECT DISTINCT keys, account_name FROM bill WHERE account_name IS NOT NULL) GROUP BY ALL
),
labels AS (
  SELECT *,
    list_filter(entries, lambda e: starts_with(e."key", 'TAG:') AND e."value" <> '') AS tags,
    list_filter(entries, lambda e: starts_with(e."key", 'COST_CATEGORY:') AND e."value" <> '') AS categories
  FROM dimensions
),
rows_ AS (
  SELECT groups.*, labels.* EXCLUDE (keys), account_name, kinds.frequency, kinds.committed, ce_services.category AS known_category,
    -- AWS-6; a RECORD_TYPE that nobody knows is an Adjustment, and counted.
    CASE WHEN kinds.category IS NULL THEN 'Adjustment'
      WHEN kinds.category <> 'Refund' THEN kinds.category
      WHEN usage_type IS NOT NULL THEN 'Usage' ELSE 'Adjustment' END AS charge_category,
    quantity, quantity_unit,
    coalesce(starts_with(service, 'Amazon Bedrock') OR contains(service, 'Bedrock Edition')
      OR regexp_matches(service, '^(Claude|Cohere|Jamba|Jurassic|Llama|Mistral|Stable Diffusion)', 'i'), FALSE) AS is_model,
    coalesce(contains(service, 'SageMaker'), FALSE) AS is_machine_learning
  FROM groups
  JOIN labels USING (keys)
  LEFT JOIN kinds USING (word)
  LEFT JOIN ce_services USING (service)
  LEFT JOIN accounts USING (linked_account)
  LEFT JOIN quantities ON quantities.keys = groups.keys AND quantities.day = groups.day AND quantities.day_end = groups.day_end
    AND usage_type IS NOT NULL AND NOT is_remainder
)
SELECT
  billed AS BilledCost,
  effective AS EffectiveCost,
  coalesce(unblended, billed)::DECIMAL(38,18) AS ListCost,
  billed AS ContractedCost,
  payer AS BillingAccountId,
  'Account' AS BillingAccountType,
  linked_account AS SubAccountId,
  CASE WHEN linked_account IS NOT NULL THEN account_name END AS SubAccountName,
  CASE WHEN linked_account IS NOT NULL THEN 'Account' END AS SubAccountType,
  unit AS BillingCurrency,
  unit AS PricingCurrency,
  effective AS PricingCurrencyEffectiveCost,
  -- X-2: a day of a UTC calendar month; ends are exclusive already.
  date_trunc('month', instant(day))::TIMESTAMP AS BillingPeriodStart,
  (date_trunc('month', instant(day)) + INTERVAL 1 MONTH)::TIMESTAMP AS BillingPeriodEnd,
  instant(day) AS ChargePeriodStart,
  instant(day_end) AS ChargePeriodEnd,
  charge_category AS ChargeCategory,
  coalesce(usage_type, CASE WHEN record_type <> 'Usage' THEN record_type END, service) AS ChargeDescription,
  -- X-8
  CASE WHEN charge_category = 'Usage' THEN 'Usage-Based' WHEN charge_category = 'Purchase' THEN frequency ELSE 'One-Time' END AS ChargeFrequency,
  -- X-9
  CASE WHEN charge_category = 'Usage' AND committed THEN 'Committed'
    WHEN charge_category = 'Usage' AND contains(lower(coalesce(purchase_type, '')), 'spot') THEN 'Dynamic'
    WHEN charge_category IN ('Usage', 'Purchase') THEN 'Standard' END AS PricingCategory,
  -- X-10
  CASE WHEN charge_category = 'Usage' THEN quantity END AS ConsumedQuantity,
  CASE WHEN charge_category = 'Usage' AND quantity IS NOT NULL THEN quantity_unit END AS ConsumedUnit,
  CASE WHEN lower(region) NOT IN ('noregion', 'global') THEN region END AS RegionId,
  CASE WHEN lower(zone) NOT IN ('noaz', 'noavailabilityzone') THEN zone END AS AvailabilityZone,
  coalesce(service, 'AWS') AS ServiceName,
  -- X-7
  CASE WHEN is_model OR is_machine_learning THEN 'AI and Machine Learning' ELSE coalesce(known_category, 'Other') END AS ServiceCategory,
  CASE WHEN is_model THEN 'Generative AI' WHEN is_machine_learning THEN 'Machine Learning'
    ELSE 'Other (' || coalesce(known_category, 'Other') || ')' END AS ServiceSubcategory,
  CASE WHEN charge_category <> 'Tax' THEN usage_type END AS SkuMeter,
  CASE WHEN legal_entity IS NULL OR regexp_matches(legal_entity, '^(amazon|aws)', 'i') THEN 'AWS' ELSE legal_entity END AS ServiceProviderName,
  'AWS' AS HostProviderName,
  coalesce(invoicing_entity, 'AWS') AS InvoiceIssuerName,
  -- X-5; keys of `key$value` were split at the first `$`
  CASE WHEN len(tags) > 0 THEN '{' || array_to_string(list_transform(tags,
    lambda e: to_json(e."key"[5:])::VARCHAR || ':' || to_json(e."value")::VARCHAR), ',') || '}' END AS Tags,
  -- X-6
  record_type AS x_RecordType,
  usage_type AS x_UsageType,
  operation AS x_Operation,
  purchase_type AS x_PurchaseType,
  instance_type AS x_InstanceType,
  CASE WHEN len(categories) > 0 THEN '{' || array_to_string(list_transform(categories,
    lambda e: to_json(e."key"[15:])::VARCHAR || ':' || to_json(e."value")::VARCHAR), ',') || '}' END AS x_CostCategories,
  keys AS x_Dimensions,
  -- The provider may still change this day.
  estimated = 'true' AS x_Estimated,
  -- What narrower queries left of a coarse group.
  is_remainder AS x_Remainder,
  -- ListCost and ContractedCost are no prices of a list (UP-3).
  TRUE AS x_CostFilled,
  CASE WHEN amortization_missing THEN TRUE END AS x_AmortizationMissing
FROM rows_
