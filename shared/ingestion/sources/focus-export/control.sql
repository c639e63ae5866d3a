-- INV-1: the file's own Σ BilledCost and Σ EffectiveCost per billing period and currency, from the raw texts.
WITH sums AS (
  SELECT coalesce(BillingPeriodStart, ChargePeriodStart) AS started, coalesce(BillingCurrency, configured_currency) AS currency,
    sum(money(BilledCost)) AS billed, sum(money(EffectiveCost)) AS effective
  FROM bill GROUP BY ALL
)
SELECT strftime(instant(started), '%Y-%m') AS billing_period, currency, metric, sum(amount) AS amount
FROM (
  SELECT started, currency, 'BilledCost' AS metric, billed AS amount FROM sums
  UNION ALL SELECT started, currency, 'EffectiveCost', effective FROM sums
)
GROUP BY ALL
