-- What the user's SELECT leaves out and FOCUS 1.4 wants filled. `selected` has all 65 columns with their types, and the user's x_ columns.
SELECT * EXCLUDE (configured_currency, configured_account) REPLACE (
  coalesce(BillingCurrency, configured_currency) AS BillingCurrency,
  coalesce(BillingAccountId, configured_account) AS BillingAccountId,
  coalesce(BillingAccountType, 'Billing Account') AS BillingAccountType,
  -- X-2: billing periods are UTC calendar months; a missing one is the month of the charge.
  CASE WHEN BillingPeriodEnd <= BillingPeriodStart THEN BillingPeriodStart
       ELSE date_trunc('month', coalesce(BillingPeriodStart, ChargePeriodStart))::TIMESTAMP END AS BillingPeriodStart,
  CASE WHEN BillingPeriodEnd <= BillingPeriodStart THEN BillingPeriodEnd
       ELSE (date_trunc('month', coalesce(BillingPeriodStart, ChargePeriodStart)) + INTERVAL 1 MONTH)::TIMESTAMP END AS BillingPeriodEnd,
  coalesce(EffectiveCost, BilledCost) AS EffectiveCost,
  coalesce(ListCost, TRY(times(ListUnitPrice, PricingQuantity)), BilledCost) AS ListCost,
  coalesce(ContractedCost, TRY(times(ContractedUnitPrice, PricingQuantity)), ListCost, BilledCost) AS ContractedCost,
  coalesce(PricingCurrency, BillingCurrency, configured_currency) AS PricingCurrency,
  CASE WHEN PricingCurrencyEffectiveCost IS NOT NULL THEN PricingCurrencyEffectiveCost
       WHEN coalesce(PricingCurrency, BillingCurrency, configured_currency) = coalesce(BillingCurrency, configured_currency)
       THEN coalesce(EffectiveCost, BilledCost) END AS PricingCurrencyEffectiveCost,
  coalesce(ChargeFrequency, CASE ChargeCategory WHEN 'Usage' THEN 'Usage-Based' ELSE 'One-Time' END) AS ChargeFrequency, -- X-8
  coalesce(PricingCategory, CASE WHEN ChargeCategory = 'Usage' AND CommitmentDiscountId IS NOT NULL THEN 'Committed' -- X-9
                                 WHEN ChargeCategory IN ('Usage', 'Purchase') THEN 'Standard' END) AS PricingCategory,
  coalesce(ServiceCategory, 'Other') AS ServiceCategory, -- X-7
  coalesce(ServiceSubcategory, 'Other (' || coalesce(ServiceCategory, 'Other') || ')') AS ServiceSubcategory,
  coalesce(HostProviderName, ServiceProviderName) AS HostProviderName,
  coalesce(ServiceProviderName, HostProviderName) AS ServiceProviderName,
  coalesce(InvoiceIssuerName, ServiceProviderName, HostProviderName) AS InvoiceIssuerName,
  coalesce(SubAccountType, CASE WHEN SubAccountId IS NOT NULL THEN 'Sub Account' END) AS SubAccountType
)
FROM selected
