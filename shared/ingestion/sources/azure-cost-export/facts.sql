-- One pass over the bill: its distinct files, dates, services, and what each of them counts. Everything that must be known before mapping.
CREATE OR REPLACE TEMP TABLE azure_facts AS
WITH words AS (
  SELECT *, azure_word(ChargeType) AS type, azure_word(PricingModel) AS model,
    coalesce(CostInPricingCurrency, CostInBillingCurrency, Cost, PreTaxCost) AS price_cost
  FROM bill
)
SELECT
  source_file, role, paired, agreement, Date, BillingPeriodStartDate, BillingPeriodEndDate, MeterCategory, lower(ConsumedService) AS consumed_service,
  count(*) AS row_count,
  count(*) FILTER (WHERE type IN ('purchase', 'refund') AND azure_committed(model)) AS commitment_purchases,
  count(*) FILTER (WHERE BillingCurrency IS NULL) AS without_currency,
  -- AZ-7: does Quantity × EffectivePrice give the cost, or only after dividing by the pricing block? Rows whose block is not 1 tell.
  count(*) FILTER (WHERE azure_fits(Quantity, EffectivePrice, price_cost, 1, block)) AS fits_plain,
  count(*) FILTER (WHERE azure_fits(Quantity, EffectivePrice, price_cost, block, block)) AS fits_divided
FROM words LEFT JOIN azure_pricing_units ON unit_key = lower(trim(UnitOfMeasure))
GROUP BY ALL;
