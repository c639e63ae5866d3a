-- AWS Cost and Usage Report (CUR 2.0 names; legacy headers were renamed) → FOCUS 1.4. Rule ids: reference/focus.md.
-- Reads the view `aws_bill` (all text; `net_mode` says which of the two costs AWS-2 takes), the tables `aws_summary` (distinct texts) and
-- `aws_categories` (X-7).
WITH
-- AWS-3, the heart of it: what becomes of a line item. A fee is listed twice: the fee itself, and what it paid for that nobody used.
-- SavingsPlanNegation is not listed: it only cancels the covered rows (AWS-5). Neither are unknown types: a check refuses them (AWS-1).
kinds(line_item_type, is_unused, category, status, is_billed, effective, frequency) AS (
  VALUES
    ('Usage',                   FALSE, 'Usage',    NULL,     TRUE,  'cost',         'Usage-Based'),
    ('EdpDiscount',             FALSE, 'Usage',    NULL,     TRUE,  'cost',         'Usage-Based'),
    ('PrivateRateDiscount',     FALSE, 'Usage',    NULL,     TRUE,  'cost',         'Usage-Based'),
    ('BundledDiscount',         FALSE, 'Usage',    NULL,     TRUE,  'cost',         'Usage-Based'),
    ('Discount',                FALSE, 'Usage',    NULL,     TRUE,  'cost',         'Usage-Based'),
    ('SavingsPlanCoveredUsage', FALSE, 'Usage',    'Used',   FALSE, 'savings plan', 'Usage-Based'),
    ('SavingsPlanRecurringFee', FALSE, 'Purchase', NULL,     TRUE,  'plan fee',     'Recurring'),
    ('SavingsPlanRecurringFee', TRUE,  'Usage',    'Unused', FALSE, 'unused',       'Usage-Based'),
    ('SavingsPlanUpfrontFee',   FALSE, 'Purchase', NULL,     TRUE,  'none',         'One-Time'),
    ('DiscountedUsage',         FALSE, 'Usage',    'Used',   FALSE, 'reservation',  'Usage-Based'),
    ('RIFee',                   FALSE, 'Purchase', NULL,     TRUE,  'RI fee',       'Recurring'),
    ('RIFee',                   TRUE,  'Usage',    'Unused', FALSE, 'unused',       'Usage-Based'),
    ('Fee',                     FALSE, 'Purchase', NULL,     TRUE,  'fee',          'Recurring'),
    ('Tax',                     FALSE, 'Tax',      NULL,     TRUE,  'cost',         'One-Time'),
    ('Credit',                  FALSE, 'Credit',   NULL,     TRUE,  'cost',         'One-Time'),
    ('Refund',                  FALSE, 'Refund',   NULL,     TRUE,  'fee',          'One-Time')
),
-- AWS-9, X-5: `user_k` → `k`, `aws_k` → `aws:k`; a key without a value is true. Casing stays.
tags AS (
  SELECT raw, CASE WHEN entries <> '' THEN '{' || entries || '}' END AS tag_set, entries IS NULL AS is_unreadable
  FROM (
    SELECT resource_tags AS raw, array_to_string(list_transform(map_entries(TRY_CAST(TRY_CAST(resource_tags AS JSON) AS MAP(VARCHAR, JSON))), lambda tag:
      to_json(CASE
        WHEN starts_with(tag.key, 'user_') THEN tag.key[6:]
        WHEN starts_with(tag.key, 'aws_') THEN 'aws:' || tag.key[5:]
        ELSE tag.key END)
      || ': ' || CASE WHEN tag.value IS NULL THEN 'null' WHEN tag.value::VARCHAR = '""' THEN 'true' ELSE tag.value::VARCHAR END), ', ') AS entries
    FROM aws_summary WHERE about = 'tags' AND resource_tags IS NOT NULL
  )
),
-- The product map: its name is the service, the rest are details of the SKU under `x_` and PascalCase (FOCUS, SkuPriceDetails).
products AS (
  SELECT raw, product_name, CASE WHEN entries <> '' THEN '{' || entries || '}' END AS details
  FROM (
    SELECT product AS raw, nullif(TRY_CAST(product AS JSON) ->> '$.product_name', '') AS product_name,
      array_to_string(list_transform(list_filter(map_entries(TRY_CAST(TRY_CAST(product AS JSON) AS MAP(VARCHAR, JSON))),
          lambda detail: detail.key <> 'product_name' AND detail.value IS NOT NULL AND detail.value::VARCHAR <> '""'),
        lambda detail:
          to_json('x_' || array_to_string(list_transform(string_split(detail.key, '_'), lambda word: upper(word[1:1]) || word[2:]), ''))
          || ': ' || CASE WHEN left(detail.value::VARCHAR, 1) IN ('{', '[') THEN to_json(detail.value::VARCHAR) ELSE detail.value::VARCHAR END),
        ', ') AS entries
    FROM aws_summary WHERE about = 'product' AND product IS NOT NULL
  )
),
-- X-7. Bedrock is generative AI, SageMaker machine learning, whatever their table says.
services AS (
  SELECT product_code AS code,
    CASE WHEN starts_with(product_code, 'AmazonBedrock') OR starts_with(product_code, 'AmazonSageMaker')
      THEN 'AI and Machine Learning' ELSE aws_categories.category END AS service_category,
    CASE WHEN starts_with(product_code, 'AmazonBedrock') THEN 'Generative AI'
      WHEN starts_with(product_code, 'AmazonSageMaker') THEN 'Machine Learning'
      ELSE 'Other (' || aws_categories.category || ')' END AS service_subcategory
  FROM aws_summary LEFT JOIN aws_categories USING (product_code)
  WHERE about = 'product code' AND product_code IS NOT NULL
),
line_items AS (
  SELECT aws_bill.*, kinds.* EXCLUDE (line_item_type), tags.* EXCLUDE (raw), products.* EXCLUDE (raw), services.* EXCLUDE (code)
  -- The small tables stand on the right: index.ts lets the engine keep that order.
  FROM aws_bill
  JOIN kinds ON line_item_type = line_item_line_item_type
  LEFT JOIN tags ON tags.raw = resource_tags
  LEFT JOIN products ON products.raw = aws_bill.product
  LEFT JOIN services ON services.code = line_item_product_code
  -- AWS-7: split rows repeat money that their node's row carries.
  WHERE split_line_item_parent_resource_id IS NULL
),
numbers AS (
  SELECT * EXCLUDE (category),
    coalesce(product_name, product_product_name, line_item_product_code) AS service_name,
    CASE WHEN service_category IS NULL THEN contains(service_name, 'Bedrock')
      OR regexp_matches(line_item_legal_entity, '^(AI21|Anthropic|Cohere|Mistral|OpenAI|Stability AI)', 'i') END AS is_model,
    -- AWS-2: in net mode the net cost; where it is empty, nothing for discounts and the gross cost for the rest.
    money(CASE
      WHEN NOT net_mode THEN line_item_unblended_cost
      WHEN line_item_net_unblended_cost IS NOT NULL THEN line_item_net_unblended_cost
      WHEN line_item_line_item_type IN ('EdpDiscount', 'PrivateRateDiscount', 'BundledDiscount', 'Discount') THEN '0'
      ELSE line_item_unblended_cost END) AS cost,
    -- The ARN columns alone name a commitment (AWS-8); a capacity reservation's ARN is none.
    coalesce(savings_plan_savings_plan_a_r_n,
      CASE WHEN reservation_reservation_a_r_n NOT LIKE '%:capacity-reservation/%' THEN reservation_reservation_a_r_n END) AS commitment_arn,
    -- arn:partition:service:region:account:type/name, or …:type:name
    CASE WHEN starts_with(line_item_resource_id, 'arn:') THEN string_split(line_item_resource_id, ':') END AS arn,
    instant(coalesce(bill_billing_period_start_date, line_item_usage_start_date)) AS billing_start,
    instant(line_item_usage_start_date) AS charge_start,
    -- AWS-8: without an end, the end of the line item's interval.
    instant(coalesce(line_item_usage_end_date, split_part(identity_time_interval, '/', 2), line_item_usage_start_date)) AS charge_end,
    -- X-10: a quantity without a unit, and a unit without a quantity, are no measurement.
    CASE WHEN line_items.category <> 'Tax' AND NOT is_unused AND pricing_unit IS NOT NULL THEN money(line_item_usage_amount)
      WHEN is_unused AND pricing_unit IS NOT NULL THEN money(reservation_unused_quantity) END AS quantity,
    -- AWS-6
    CASE WHEN line_items.category <> 'Refund' THEN line_items.category
      WHEN commitment_arn IS NOT NULL THEN 'Purchase'
      WHEN line_item_usage_type IS NOT NULL THEN 'Usage'
      ELSE 'Adjustment' END AS category,
    -- AWS-4 and AWS-3: what a fee paid for and nobody used; null where the report does not tell (AWS-8).
    CASE
      WHEN effective IN ('plan fee', 'unused') AND line_item_line_item_type = 'SavingsPlanRecurringFee' THEN
        CASE WHEN net_mode
            AND savings_plan_net_amortized_upfront_commitment_for_billing_period IS NOT NULL
            AND savings_plan_net_recurring_commitment_for_billing_period IS NOT NULL
            AND coalesce(money(savings_plan_amortized_upfront_commitment_for_billing_period), 0)
              + coalesce(money(savings_plan_recurring_commitment_for_billing_period), 0) <> 0
          THEN times_over(
            money(savings_plan_total_commitment_to_date) - money(savings_plan_used_commitment),
            money(savings_plan_net_amortized_upfront_commitment_for_billing_period)
              + money(savings_plan_net_recurring_commitment_for_billing_period),
            coalesce(money(savings_plan_amortized_upfront_commitment_for_billing_period), 0)
              + coalesce(money(savings_plan_recurring_commitment_for_billing_period), 0))
          ELSE money(savings_plan_total_commitment_to_date) - money(savings_plan_used_commitment) END
      WHEN effective IN ('RI fee', 'unused') THEN
        coalesce(money(CASE WHEN net_mode AND reservation_net_unused_amortized_upfront_fee_for_billing_period IS NOT NULL
          THEN reservation_net_unused_amortized_upfront_fee_for_billing_period
          ELSE reservation_unused_amortized_upfront_fee_for_billing_period END), 0)
        + money(CASE WHEN net_mode AND reservation_net_unused_recurring_fee IS NOT NULL
          THEN reservation_net_unused_recurring_fee ELSE reservation_unused_recurring_fee END)
    END AS unused,
    -- AWS-2, AWS-3: the amortised cost of covered usage.
    CASE effective
      WHEN 'savings plan' THEN money(CASE WHEN net_mode AND savings_plan_net_savings_plan_effective_cost IS NOT NULL
        THEN savings_plan_net_savings_plan_effective_cost ELSE savings_plan_savings_plan_effective_cost END)
      WHEN 'reservation' THEN money(CASE WHEN net_mode AND reservation_net_effective_cost IS NOT NULL
        THEN reservation_net_effective_cost ELSE reservation_effective_cost END)
    END AS amortized
  FROM line_items
),
charges AS (
  SELECT *,
    CASE WHEN is_billed THEN cost ELSE 0::DECIMAL(38,18) END AS billed_cost,
    -- AWS-8: a report without the amortisation columns leaves the money where it was billed.
    CASE effective
      WHEN 'cost' THEN cost
      WHEN 'savings plan' THEN coalesce(amortized, 0)
      WHEN 'reservation' THEN coalesce(amortized, cost)
      WHEN 'unused' THEN unused
      WHEN 'fee' THEN CASE WHEN commitment_arn IS NULL THEN cost ELSE 0 END
      WHEN 'none' THEN 0
      ELSE CASE WHEN unused IS NULL THEN cost ELSE 0 END
    END::DECIMAL(38,18) AS effective_cost,
    CASE WHEN effective IN ('savings plan', 'reservation') AND amortized IS NULL
      OR effective IN ('plan fee', 'RI fee') AND unused IS NULL THEN TRUE END AS amortization_missing,
    CASE WHEN category IN ('Usage', 'Purchase') AND NOT is_unused THEN money(pricing_public_on_demand_rate) END AS list_unit_price,
    -- FOCUS: Usage that names a commitment says whether it was used; discounts and the like only mention it.
    CASE WHEN category <> 'Usage' OR status IS NOT NULL THEN commitment_arn END AS commitment_id
  FROM numbers
  WHERE NOT is_unused OR unused <> 0
),
priced AS (
  SELECT *,
    -- List price only where something was used or bought; credits, taxes and adjustments have none.
    CASE
      WHEN category IN ('Tax', 'Credit', 'Adjustment') OR is_unused THEN billed_cost
      WHEN pricing_public_on_demand_cost IS NOT NULL THEN money(pricing_public_on_demand_cost)
      WHEN list_unit_price IS NOT NULL AND line_item_usage_amount IS NOT NULL THEN times(list_unit_price, money(line_item_usage_amount))
      ELSE billed_cost
    END AS list_cost
  FROM charges
)
SELECT
  billed_cost AS BilledCost,
  effective_cost AS EffectiveCost,
  list_cost AS ListCost,
  CASE
    WHEN status IS NOT NULL THEN list_cost
    WHEN net_mode AND effective = 'cost' AND category = 'Usage' THEN money(line_item_unblended_cost)
    ELSE billed_cost
  END AS ContractedCost,
  list_unit_price AS ListUnitPrice,
  CASE
    WHEN category NOT IN ('Usage', 'Purchase') OR is_unused THEN NULL
    WHEN status IS NOT NULL AND list_unit_price IS NOT NULL THEN list_unit_price
    ELSE money(line_item_unblended_rate)
  END AS ContractedUnitPrice,
  line_item_currency_code AS BillingCurrency,
  -- The report has no exchange rate: a foreign pricing currency is only mentioned.
  line_item_currency_code AS PricingCurrency,
  effective_cost AS PricingCurrencyEffectiveCost,
  bill_payer_account_id AS BillingAccountId,
  bill_payer_account_name AS BillingAccountName,
  'Account' AS BillingAccountType,
  line_item_usage_account_id AS SubAccountId,
  line_item_usage_account_name AS SubAccountName,
  CASE WHEN line_item_usage_account_id IS NOT NULL THEN 'Account' END AS SubAccountType,
  -- X-2: UTC calendar months, ends exclusive.
  date_trunc('month', billing_start)::TIMESTAMP AS BillingPeriodStart,
  (date_trunc('month', billing_start) + INTERVAL 1 MONTH)::TIMESTAMP AS BillingPeriodEnd,
  charge_start AS ChargePeriodStart,
  CASE WHEN charge_end = charge_start THEN charge_end + INTERVAL 1 SECOND ELSE charge_end END AS ChargePeriodEnd,
  category AS ChargeCategory,
  -- AWS-6: no other row is a correction.
  CASE WHEN line_item_line_item_type = 'Refund' AND charge_start < billing_start THEN 'Correction' END AS ChargeClass,
  line_item_line_item_description AS ChargeDescription,
  -- X-8
  CASE
    WHEN line_item_line_item_type = 'Fee' AND bill_bill_type = 'Purchase' THEN 'One-Time'
    WHEN category = 'Usage' THEN 'Usage-Based'
    ELSE frequency
  END AS ChargeFrequency,
  commitment_id AS CommitmentDiscountId,
  CASE WHEN commitment_id IS NULL THEN NULL WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Spend' ELSE 'Usage' END
    AS CommitmentDiscountCategory,
  CASE WHEN commitment_id IS NULL THEN NULL WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Savings Plan' ELSE 'Reserved Instance' END
    AS CommitmentDiscountType,
  CASE WHEN commitment_id IS NOT NULL THEN status END AS CommitmentDiscountStatus,
  CASE WHEN reservation_reservation_a_r_n LIKE '%:capacity-reservation/%' THEN reservation_reservation_a_r_n END AS CapacityReservationId,
  CASE
    WHEN reservation_reservation_a_r_n NOT LIKE '%:capacity-reservation/%' OR category <> 'Usage' THEN NULL
    WHEN reservation_reservation_a_r_n IS NULL THEN NULL
    WHEN contains(line_item_usage_type, 'UnusedBox') OR contains(line_item_usage_type, 'UnusedDed') THEN 'Unused'
    ELSE 'Used'
  END AS CapacityReservationStatus,
  -- X-10
  CASE WHEN category = 'Usage' AND NOT is_unused THEN quantity END AS ConsumedQuantity,
  CASE WHEN category = 'Usage' AND NOT is_unused AND quantity IS NOT NULL THEN pricing_unit END AS ConsumedUnit,
  quantity AS PricingQuantity,
  CASE WHEN quantity IS NOT NULL THEN pricing_unit END AS PricingUnit,
  -- X-9
  CASE
    WHEN category = 'Usage' AND status IS NOT NULL THEN 'Committed'
    WHEN category = 'Usage' AND contains(coalesce(line_item_usage_type, ''), 'SpotUsage') THEN 'Dynamic'
    WHEN category IN ('Usage', 'Purchase') THEN 'Standard'
  END AS PricingCategory,
  line_item_availability_zone AS AvailabilityZone,
  nullif(coalesce(product_region_code, product_region), 'global') AS RegionId,
  CASE WHEN nullif(coalesce(product_region_code, product_region), 'global') IS NOT NULL THEN product_location END AS RegionName,
  line_item_resource_id AS ResourceId,
  nullif(split_part(arn[-1], '/', -1), '') AS ResourceName,
  CASE
    WHEN arn IS NOT NULL THEN
      arn[3] || CASE WHEN len(arn) > 6 OR contains(arn[6], '/') THEN ':' || split_part(arn[6], '/', 1) ELSE '' END
    WHEN starts_with(line_item_resource_id, 'i-') THEN 'ec2:instance'
    WHEN starts_with(line_item_resource_id, 'vol-') THEN 'ec2:volume'
  END AS ResourceType,
  service_name AS ServiceName,
  -- X-7: models sold through the marketplace are known by their name or vendor; everything else unknown is Other, and counted.
  CASE WHEN service_category IS NOT NULL THEN service_category WHEN is_model THEN 'AI and Machine Learning' ELSE 'Other' END AS ServiceCategory,
  CASE WHEN service_category IS NOT NULL THEN service_subcategory WHEN is_model THEN 'Generative AI' ELSE 'Other (Other)' END
    AS ServiceSubcategory,
  CASE WHEN category <> 'Tax' THEN product_sku END AS SkuId,
  CASE WHEN category <> 'Tax' THEN coalesce(pricing_rate_code, pricing_rate_id) END AS SkuPriceId,
  CASE WHEN category <> 'Tax' THEN line_item_usage_type END AS SkuMeter,
  CASE WHEN category <> 'Tax' THEN details END AS SkuPriceDetails,
  CASE WHEN bill_billing_entity = 'AWS Marketplace' THEN coalesce(line_item_legal_entity, bill_billing_entity) ELSE 'AWS' END
    AS ServiceProviderName,
  'AWS' AS HostProviderName,
  coalesce(bill_invoicing_entity, 'AWS') AS InvoiceIssuerName,
  bill_invoice_id AS InvoiceId,
  tag_set AS Tags,
  -- X-6
  line_item_line_item_type AS x_LineItemType,
  identity_line_item_id AS x_LineItemId,
  line_item_usage_type AS x_UsageType,
  line_item_operation AS x_Operation,
  line_item_product_code AS x_ServiceCode,
  nullif(cost_category, '{}') AS x_CostCategories,
  nullif(discount, '{}') AS x_Discounts,
  CASE WHEN pricing_currency <> line_item_currency_code THEN pricing_currency END AS x_PricingCurrency,
  amortization_missing AS x_AmortizationMissing,
  CASE WHEN is_unreadable THEN resource_tags END AS x_TagsRaw/* further columns */
FROM priced
