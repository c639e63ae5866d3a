-- Microsoft cost details (EA, MCA, pay-as-you-go; actual and amortized) → FOCUS 1.4. Rules AZ-1 … AZ-9, X-1 … X-10 of focus.md.
-- `bill` is the delivery under canonical names, all text; `role` is the file's (actual, amortized), `paired` whether both were delivered,
-- `agreement` EA or MCA. Lookups: azure_* tables, loaded from reference/.
WITH words AS (
  SELECT *,
    -- ChargeType and PricingModel absent as columns: Usage, OnDemand (the view fills them in)
    azure_word(ChargeType) AS type,
    azure_word(PricingModel) AS model,
    lower(ConsumedService) AS consumed_service,
    lower(ResourceId) AS resource_id,
    -- AZ-8
    azure_braced(Tags) AS braced_tags,
    azure_day(Date) AS charge_day,
    date_trunc('month', azure_day(coalesce(BillingPeriodStartDate, Date)))::TIMESTAMP AS billing_month
  FROM bill
),
taken AS (
  SELECT *,
    azure_committed(model) AS committed,
    coalesce(type IN ('unusedreservation', 'unusedsavingsplan'), false) AS unused,
    azure_flat(braced_tags) AS has_flat_tags,
    azure_flat(AdditionalInfo) AS has_flat_info,
    -- AZ-2
    money(coalesce(CostInBillingCurrency, Cost, PreTaxCost)) AS charged,
    money(Quantity) AS amount,
    money(UnitPrice) AS unit_price,
    nullif(money(PayGPrice), 0) AS list_price,
    nullif(money(PaygCostInBillingCurrency), 0) AS list_cost,
    -- Prices of MCA are in the pricing currency
    CASE WHEN agreement = 'MCA' THEN coalesce(money(ExchangeRatePricingToBilling), 1::DECIMAL(38,18)) ELSE 1::DECIMAL(38,18) END AS rate,
    -- AZ-3; every other word is an Adjustment, RoundingAdjustment among them
    CASE
      WHEN type IN ('usage', 'unusedreservation', 'unusedsavingsplan') THEN 'Usage'
      WHEN type IN ('purchase', 'refund') THEN 'Purchase'
      WHEN type = 'credit' THEN 'Credit'
      WHEN type = 'tax' THEN 'Tax'
      ELSE 'Adjustment' END AS category,
    coalesce(agreement = 'MCA', false) AS is_mca,
    -- What follows the last /providers/ of the id: namespace, type, name, type, name, …
    CASE WHEN contains(resource_id, '/providers/') THEN string_split(split_part(resource_id, '/providers/', -1), '/') END AS segments
  FROM words
  -- AZ-1: of a pair all amortized rows, and from actual only purchases and refunds of commitments; these are skipped inside amortized.
  WHERE NOT paired OR (role = 'actual') = coalesce(type IN ('purchase', 'refund') AND azure_committed(model), false)
),
measured AS (
  SELECT *,
    -- AZ-4: what a commitment paid for, used or unused, is not billed again
    CASE WHEN unused OR (type = 'usage' AND committed) THEN 0 ELSE charged END::DECIMAL(38,18) AS billed,
    -- AZ-5
    CASE WHEN category = 'Purchase' AND committed THEN 0 ELSE charged END::DECIMAL(38,18) AS effective,
    coalesce(u.block, 1) AS block_size,
    -- AZ-7: Quantity is in pricing blocks, unless this file's prices say otherwise
    CASE WHEN coalesce(divides, false) AND u.block > 1 THEN over(amount, u.block::DECIMAL(38,18)) ELSE amount END AS priced_quantity,
    coalesce(divides, false) AS divided,
    coalesce(u.distinct_unit, UnitOfMeasure) AS unit_name,
    azure_type(segments) AS resource_type,
    azure_type(segments[:2]) AS parent_type,
    coalesce(azure_word(PublisherType) = 'marketplace', false) AS is_marketplace
  FROM taken
  LEFT JOIN azure_pricing_units u ON u.unit_key = lower(trim(UnitOfMeasure))
  LEFT JOIN azure_block_files USING (source_file)
),
priced AS (
  SELECT *,
    CASE WHEN is_mca THEN PricingCurrency END AS mca_currency,
    azure_product(unit_price, rate) AS contracted_price,
    azure_product(priced_quantity, unit_price) AS contracted_amount,
    -- MCA (and partial exports) tell the list cost; EA the price
    CASE WHEN list_cost IS NULL THEN azure_product(priced_quantity, list_price) END AS listed_amount,
    -- AZ-7, last resort of list and contracted cost
    CASE WHEN category = 'Usage' THEN effective ELSE billed END AS plain_cost
  FROM measured
),
served AS (
  SELECT p.*,
    azure_product(contracted_amount, rate) AS contracted,
    coalesce(list_cost, azure_product(listed_amount, rate)) AS listed,
    is_marketplace AND azure_model_vendor(PublisherName) AS sells_models,
    consumed_service IN ('microsoft.machinelearningservices', 'microsoft.machinelearning') AS is_machine_learning,
    consumed_service = 'microsoft.cognitiveservices'
      AND (contains(lower(MeterSubCategory), 'openai') OR contains(lower(ProductName), 'openai') OR MeterCategory = 'Foundry Models') AS is_openai,
    coalesce(s.ServiceName, sp.ServiceName) AS known_service,
    coalesce(s.ServiceCategory, sp.ServiceCategory, mc.category, 'Other') AS service_category,
    coalesce(s.ServiceSubcategory, sp.ServiceSubcategory, mc.subcategory, 'Other (Other)') AS service_subcategory
  FROM priced p
  LEFT JOIN azure_services s ON s.ConsumedService = p.consumed_service AND s.ResourceType = p.resource_type
  LEFT JOIN azure_services sp ON sp.ConsumedService = p.consumed_service AND sp.ResourceType = p.parent_type
  LEFT JOIN azure_meter_categories mc ON mc.meter_category = p.MeterCategory
)
SELECT
  billed AS BilledCost,
  effective AS EffectiveCost,
  -- AZ-7: a list cost of 0 is a known gap of reservation and marketplace rows
  CASE WHEN listed IS NOT NULL THEN listed WHEN contracted > 0 THEN contracted ELSE plain_cost END AS ListCost,
  coalesce(contracted, plain_cost) AS ContractedCost,
  azure_product(list_price, rate) AS ListUnitPrice,
  contracted_price AS ContractedUnitPrice,

  -- EA bills an account, MCA a billing profile
  coalesce(CASE WHEN is_mca THEN BillingProfileId END, BillingAccountId, BillingProfileId, configured_account) AS BillingAccountId,
  CASE WHEN is_mca AND BillingProfileId IS NOT NULL THEN BillingProfileName ELSE BillingAccountName END AS BillingAccountName,
  CASE WHEN is_mca AND BillingProfileId IS NOT NULL THEN 'Billing Profile' ELSE 'Billing Account' END AS BillingAccountType,
  coalesce(SubscriptionGuid, SubscriptionId) AS SubAccountId,
  CASE WHEN coalesce(SubscriptionGuid, SubscriptionId) IS NOT NULL THEN SubscriptionName END AS SubAccountName,
  CASE WHEN coalesce(SubscriptionGuid, SubscriptionId) IS NOT NULL THEN 'Subscription' END AS SubAccountType,

  coalesce(BillingCurrency, configured_currency) AS BillingCurrency,
  coalesce(mca_currency, BillingCurrency, configured_currency) AS PricingCurrency,
  -- AZ-9: told by MCA, 0 where AZ-5 gives 0; without a pricing currency it is the billing currency's
  CASE WHEN category = 'Purchase' AND committed THEN 0
       WHEN mca_currency IS NULL THEN effective
       WHEN CostInPricingCurrency IS NOT NULL THEN money(CostInPricingCurrency)
       WHEN rate = 1 OR rate = 0 THEN effective
       ELSE over(effective, rate) END::DECIMAL(38,18) AS PricingCurrencyEffectiveCost,
  CASE WHEN mca_currency IS NOT NULL THEN list_price END AS PricingCurrencyListUnitPrice,
  CASE WHEN mca_currency IS NOT NULL THEN unit_price END AS PricingCurrencyContractedUnitPrice,

  -- X-2: billing periods are UTC calendar months; ends are exclusive; the bill tells days
  billing_month AS BillingPeriodStart,
  (billing_month + INTERVAL 1 MONTH)::TIMESTAMP AS BillingPeriodEnd,
  charge_day AS ChargePeriodStart,
  (charge_day + INTERVAL 1 DAY)::TIMESTAMP AS ChargePeriodEnd,

  category AS ChargeCategory,
  -- AZ-6: refunds always; a negative amount alone means nothing
  CASE WHEN type = 'refund' THEN 'Correction' END AS ChargeClass,
  ProductName AS ChargeDescription,
  -- X-8
  CASE WHEN category = 'Usage' THEN 'Usage-Based'
       WHEN category = 'Purchase' AND azure_word(Frequency) = 'recurring' THEN 'Recurring'
       ELSE 'One-Time' END AS ChargeFrequency,
  -- X-9
  CASE WHEN category NOT IN ('Usage', 'Purchase') THEN NULL
       WHEN category = 'Usage' AND (committed OR unused) THEN 'Committed'
       WHEN category = 'Usage' AND model = 'spot' THEN 'Dynamic'
       ELSE 'Standard' END AS PricingCategory,

  -- BenefitId, not ReservationId; lower-case (X-4)
  CASE WHEN committed OR unused THEN lower(BenefitId) END AS CommitmentDiscountId,
  CASE WHEN CommitmentDiscountId IS NOT NULL THEN BenefitName END AS CommitmentDiscountName,
  CASE WHEN CommitmentDiscountId IS NULL THEN NULL
       WHEN contains(CommitmentDiscountId, '/microsoft.capacity/') THEN 'Reservation'
       WHEN contains(CommitmentDiscountId, '/microsoft.billingbenefits/') THEN 'Savings Plan'
       WHEN model = 'savingsplan' OR type = 'unusedsavingsplan' THEN 'Savings Plan'
       ELSE 'Reservation' END AS CommitmentDiscountType,
  CASE CommitmentDiscountType WHEN 'Reservation' THEN 'Usage' WHEN 'Savings Plan' THEN 'Spend' END AS CommitmentDiscountCategory,
  -- AZ-4
  CASE WHEN CommitmentDiscountId IS NULL THEN NULL WHEN unused THEN 'Unused' WHEN category = 'Usage' THEN 'Used' END AS CommitmentDiscountStatus,

  -- AZ-7, X-10
  CASE WHEN category <> 'Tax' AND unit_name IS NOT NULL THEN priced_quantity END AS PricingQuantity,
  CASE WHEN PricingQuantity IS NULL THEN NULL WHEN block_size = 1 THEN unit_name ELSE block_size || ' ' || unit_name END AS PricingUnit,
  CASE WHEN category = 'Usage' AND NOT unused AND unit_name IS NOT NULL
       THEN CASE WHEN divided THEN amount ELSE azure_product(amount, block_size::DECIMAL(38,18)) END END AS ConsumedQuantity,
  CASE WHEN ConsumedQuantity IS NOT NULL THEN unit_name END AS ConsumedUnit,

  coalesce(r.RegionId, lower(replace(coalesce(ResourceLocation, Location), ' ', ''))) AS RegionId,
  coalesce(r.RegionName, ResourceLocation, Location) AS RegionName,
  resource_id AS ResourceId,
  nullif(split_part(ResourceId, '/', -1), '') AS ResourceName,
  coalesce(t.SingularDisplayName, tp.SingularDisplayName, resource_type) AS ResourceType,
  CASE WHEN contains(AdditionalInfo, 'VMCapacityReservationId') AND json_valid(AdditionalInfo)
       THEN AdditionalInfo ->> '$.VMCapacityReservationId' END AS CapacityReservationId,
  -- The reservation itself is charged for what no machine uses
  CASE WHEN CapacityReservationId IS NULL THEN NULL WHEN contains(resource_type, 'capacityreservation') THEN 'Unused' ELSE 'Used' END
    AS CapacityReservationStatus,

  -- X-7; where an override decides the category it also names the service, so that a service stays in one category
  CASE WHEN sells_models THEN PublisherName
       ELSE coalesce(known_service, CASE WHEN is_openai THEN 'Azure AI Services' WHEN is_machine_learning THEN 'Azure Machine Learning' END,
         MeterCategory, CASE WHEN is_marketplace THEN PublisherName END, 'Azure') END AS ServiceName,
  CASE WHEN sells_models OR is_openai OR is_machine_learning
       THEN 'AI and Machine Learning' ELSE service_category END AS ServiceCategory,
  CASE WHEN sells_models OR is_openai THEN 'Generative AI'
       WHEN is_machine_learning THEN 'Machine Learning'
       ELSE service_subcategory END AS ServiceSubcategory,
  CASE WHEN is_mca AND category <> 'Tax' THEN ProductId END AS SkuId,
  MeterName AS SkuMeter,
  CASE WHEN has_flat_info THEN regexp_replace(AdditionalInfo, '"([A-Za-z0-9_ ./-]+)"\s*:', '"x_\1":', 'g') END AS SkuPriceDetails,
  CASE WHEN is_marketplace THEN coalesce(PublisherName, 'Microsoft') ELSE 'Microsoft' END AS ServiceProviderName,
  'Microsoft' AS HostProviderName,
  coalesce(PartnerName, 'Microsoft') AS InvoiceIssuerName,
  CASE WHEN is_mca THEN InvoiceId END AS InvoiceId,
  -- AZ-8, X-5: as delivered
  CASE WHEN has_flat_tags THEN braced_tags END AS Tags,

  -- X-6
  CASE WHEN NOT has_flat_tags THEN Tags END AS x_TagsRaw,
  CASE WHEN NOT has_flat_info THEN AdditionalInfo END AS x_AdditionalInfo,
  ChargeType AS x_ChargeType,
  PricingModel AS x_PricingModel,
  Frequency AS x_Frequency,
  PublisherType AS x_PublisherType,
  MeterCategory AS x_MeterCategory,
  MeterSubCategory AS x_MeterSubCategory,
  BenefitId AS x_BenefitId,
  UnitOfMeasure AS x_UnitOfMeasure,
  Quantity AS x_Quantity,
  EffectivePrice AS x_EffectivePrice,
  block_size AS x_PricingBlockSize,
  coalesce(ResourceLocation, Location) AS x_Location,
  -- The other file of the pair would tell how this purchase is spread over its term
  CASE WHEN NOT paired AND role = 'actual' AND committed AND category = 'Purchase' THEN true END AS x_AmortizationMissing,
  COLUMNS(lambda c: starts_with(c, 'x_'))
FROM served
LEFT JOIN azure_regions r ON r.OriginalValue = lower(coalesce(ResourceLocation, Location))
LEFT JOIN azure_resource_types t ON t.ResourceType = served.resource_type
LEFT JOIN azure_resource_types tp ON tp.ResourceType = served.parent_type
