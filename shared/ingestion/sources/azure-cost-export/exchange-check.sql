-- AZ-9: rate × pricing cost is the billing cost, to 1e-6 of it (and 1e-10 for the rounding of what is printed).
SELECT source_file, NULL::BIGINT AS row, 'CostInPricingCurrency' AS column_name, CostInPricingCurrency AS value
FROM (
  SELECT *, azure_product(money(CostInPricingCurrency), money(ExchangeRatePricingToBilling)) AS expected, money(CostInBillingCurrency) AS charged
  FROM bill WHERE agreement = 'MCA' AND ExchangeRatePricingToBilling IS NOT NULL
)
WHERE abs(expected) < 1000000000000 AND abs(charged) < 1000000000000 AND abs(expected - charged) * 1000000 > abs(charged) + 0.0001
