-- As control.sql, plus Σ x_Credits where the setting `credits` says that the costs do not contain them (UP-7; Google's control total).
WITH amounts AS (
  SELECT coalesce(BillingPeriodStart, ChargePeriodStart) AS started, coalesce(BillingCurrency, configured_currency) AS currency,
    money(BilledCost) AS billed, money(EffectiveCost) AS effective
  FROM bill
  UNION ALL
  SELECT started, currency, credit, credit
  FROM (
    SELECT started, currency, money(coalesce(json_extract_string(item, '$.Amount'), json_extract_string(item, '$.amount'))) AS credit
    FROM (
      SELECT coalesce(BillingPeriodStart, ChargePeriodStart) AS started, coalesce(BillingCurrency, configured_currency) AS currency,
        unnest(json_extract(x_Credits, '$[*]')) AS item
      FROM bill WHERE x_Credits IS NOT NULL AND credits_setting = 'separate'
    )
  )
)
SELECT strftime(instant(started), '%Y-%m') AS billing_period, currency, metric, sum(amount) AS amount
FROM (
  SELECT started, currency, 'BilledCost' AS metric, billed AS amount FROM amounts
  UNION ALL SELECT started, currency, 'EffectiveCost', effective FROM amounts
)
GROUP BY ALL
