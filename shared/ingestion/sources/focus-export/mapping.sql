-- FOCUS 1.0 to 1.4 → FOCUS 1.4 (reference/focus.md, UP-2 to UP-6). View `typed` has the columns of every version, NULL where a file lacks
-- them or says `NULL` (X-3). Nothing was renamed between the versions, so a column that is not named here is taken as delivered, `x_` columns
-- too (X-6). What a rule filled is named in x_CostFilled and x_Filled, so that the way back to 1.0 or 1.2 gives the delivered cells.
SELECT
  * EXCLUDE (ProviderName, PublisherName, x_SourceProviderName, x_SourcePublisherName, x_CostFilled, x_Filled, provider_family, focus_version,
             credits_setting, configured_currency, configured_account, source_file)
  REPLACE (
    -- X-2: billing periods are UTC calendar months; a missing one is the month of the charge. One that ends before it starts is left, and refused.
    CASE WHEN BillingPeriodEnd <= BillingPeriodStart THEN BillingPeriodStart
         ELSE date_trunc('month', coalesce(BillingPeriodStart, ChargePeriodStart))::TIMESTAMP END AS BillingPeriodStart,
    CASE WHEN BillingPeriodEnd <= BillingPeriodStart THEN BillingPeriodEnd
         ELSE (date_trunc('month', coalesce(BillingPeriodStart, ChargePeriodStart)) + INTERVAL 1 MONTH)::TIMESTAMP END AS BillingPeriodEnd,
    coalesce(BillingCurrency, configured_currency) AS BillingCurrency,
    coalesce(BillingAccountId, configured_account) AS BillingAccountId,
    -- UP-2: who hosts is the provider; who sells is the publisher when that is somebody else.
    coalesce(HostProviderName, ProviderName, CASE WHEN ServiceProviderName IS NOT NULL THEN 'Not Applicable' END) AS HostProviderName,
    coalesce(ServiceProviderName, CASE
      WHEN PublisherName IS NULL OR starts_with(lower(PublisherName), lower(ProviderName)) THEN ProviderName
      WHEN provider_family = 'aws' AND regexp_matches(PublisherName, '^(aws|amazon)', 'i') THEN ProviderName
      WHEN provider_family IN ('microsoft', 'google', 'oracle') AND starts_with(lower(PublisherName), provider_family) THEN ProviderName
      ELSE PublisherName END) AS ServiceProviderName,
    -- UP-3: empty costs; times() is exact and rounds once. A product beyond DECIMAL(38,18) is no cost: the next one counts.
    coalesce(ListCost, TRY(times(ListUnitPrice, PricingQuantity)), BilledCost) AS ListCost,
    coalesce(ContractedCost, TRY(times(ContractedUnitPrice, PricingQuantity)), ListCost, BilledCost) AS ContractedCost,
    -- UP-4: columns that 1.4 wants filled
    coalesce(BillingAccountType, 'Billing Account') AS BillingAccountType,
    coalesce(PricingCurrency, x_PricingCurrency, BillingCurrency, configured_currency) AS PricingCurrency,
    CASE WHEN PricingCurrencyEffectiveCost IS NOT NULL THEN PricingCurrencyEffectiveCost
         WHEN coalesce(PricingCurrency, x_PricingCurrency, BillingCurrency, configured_currency)
              = coalesce(BillingCurrency, configured_currency) THEN EffectiveCost
         ELSE over(EffectiveCost, nullif(money(x_BillingExchangeRate), 0)) END AS PricingCurrencyEffectiveCost,
    coalesce(InvoiceIssuerName, ProviderName, HostProviderName) AS InvoiceIssuerName,
    coalesce(ServiceName, PublisherName, x_SkuMeterSubcategory) AS ServiceName,
    coalesce(ChargeFrequency, CASE ChargeCategory WHEN 'Usage' THEN 'Usage-Based' ELSE 'One-Time' END) AS ChargeFrequency, -- X-8
    CASE WHEN SubAccountType IS NOT NULL OR SubAccountId IS NULL THEN SubAccountType
         WHEN provider_family = 'aws' THEN 'Account' WHEN provider_family = 'microsoft' THEN 'Subscription'
         WHEN provider_family = 'google' THEN 'Project' ELSE 'Sub Account' END AS SubAccountType,
    coalesce(ServiceCategory, 'Other') AS ServiceCategory, -- X-7
    coalesce(ServiceSubcategory, 'Other (' || coalesce(ServiceCategory, 'Other') || ')') AS ServiceSubcategory,
    -- UP-5: columns that were x_ before
    coalesce(InvoiceId, x_InvoiceId) AS InvoiceId,
    coalesce(SkuMeter, x_SkuMeterName) AS SkuMeter,
    coalesce(SkuPriceDetails, sku_price_details(x_SkuDetails)) AS SkuPriceDetails
  ),
  coalesce(x_SourceProviderName, ProviderName) AS x_SourceProviderName,
  coalesce(x_SourcePublisherName, PublisherName) AS x_SourcePublisherName,
  coalesce(x_CostFilled, CASE
    WHEN ListCost IS NULL AND ContractedCost IS NULL THEN 'ListCost,ContractedCost'
    WHEN ListCost IS NULL THEN 'ListCost'
    WHEN ContractedCost IS NULL THEN 'ContractedCost' END) AS x_CostFilled,
  coalesce(x_Filled, nullif(concat_ws(',',
    CASE WHEN BillingCurrency IS NULL THEN 'BillingCurrency' END,
    CASE WHEN BillingAccountId IS NULL THEN 'BillingAccountId' END,
    CASE WHEN BillingPeriodStart IS NULL THEN 'BillingPeriodStart' END,
    CASE WHEN BillingPeriodEnd IS NULL THEN 'BillingPeriodEnd' END,
    CASE WHEN InvoiceIssuerName IS NULL THEN 'InvoiceIssuerName' END,
    CASE WHEN ServiceName IS NULL THEN 'ServiceName' END,
    CASE WHEN ServiceCategory IS NULL THEN 'ServiceCategory' END,
    CASE WHEN ChargeFrequency IS NULL THEN 'ChargeFrequency' END,
    CASE WHEN focus_version >= '1.1' THEN concat_ws(',',
      CASE WHEN ServiceSubcategory IS NULL THEN 'ServiceSubcategory' END,
      CASE WHEN SkuMeter IS NULL AND x_SkuMeterName IS NOT NULL THEN 'SkuMeter' END,
      CASE WHEN SkuPriceDetails IS NULL AND x_SkuDetails IS NOT NULL THEN 'SkuPriceDetails' END) END,
    CASE WHEN focus_version >= '1.2' THEN concat_ws(',',
      CASE WHEN BillingAccountType IS NULL THEN 'BillingAccountType' END,
      CASE WHEN SubAccountType IS NULL AND SubAccountId IS NOT NULL THEN 'SubAccountType' END,
      CASE WHEN PricingCurrency IS NULL THEN 'PricingCurrency' END,
      CASE WHEN PricingCurrencyEffectiveCost IS NULL THEN 'PricingCurrencyEffectiveCost' END,
      CASE WHEN InvoiceId IS NULL AND x_InvoiceId IS NOT NULL THEN 'InvoiceId' END) END), '')) AS x_Filled
FROM typed
