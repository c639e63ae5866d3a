-- L1: what the base queries add up to, from the delivered amounts. Slices only tell the same money in detail.
SELECT left(day, 7) AS billing_period, coalesce(unit, configured_currency) AS currency, 'BilledCost' AS metric, sum(money(amount)) AS amount
FROM bill, ce_measures WHERE level = 'base' AND measure = ce_measures.billed GROUP BY ALL
UNION ALL
SELECT left(day, 7), coalesce(unit, configured_currency), 'EffectiveCost', sum(money(amount))
FROM bill, ce_measures WHERE level = 'base' AND measure = ce_measures.effective GROUP BY ALL
