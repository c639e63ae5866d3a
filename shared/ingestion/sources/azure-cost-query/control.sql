-- L1: what the base queries add up to, from the delivered amounts. Slices only tell the same money in detail.
SELECT left(day, 7) AS billing_period, coalesce(unit, configured_currency) AS currency,
  CASE measure WHEN 'ActualCost' THEN 'BilledCost' ELSE 'EffectiveCost' END AS metric, sum(money(amount)) AS amount
FROM bill WHERE level = 'base' GROUP BY ALL
