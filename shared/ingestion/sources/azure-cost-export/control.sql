-- What Microsoft's own columns add up to: the actual files are what is billed, the amortized files what is effective (focus.md §8).
-- Purchases and refunds of commitments do not belong into an amortized file and carry no effective cost (AZ-1, AZ-5).
SELECT
  strftime(azure_day(coalesce(BillingPeriodStartDate, Date)), '%Y-%m') AS billing_period,
  coalesce(BillingCurrency, configured_currency) AS currency,
  CASE role WHEN 'actual' THEN 'BilledCost' ELSE 'EffectiveCost' END AS metric,
  sum(money(coalesce(CostInBillingCurrency, Cost, PreTaxCost))) AS amount
FROM bill
WHERE role = 'actual'
  OR NOT coalesce(lower(ChargeType) IN ('purchase', 'refund') AND lower(replace(PricingModel, ' ', '')) IN ('reservation', 'savingsplan'), false)
GROUP BY ALL
