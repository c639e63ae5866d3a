-- Σ cost + Σ credits per invoice month and currency: what is billed and what is effective (focus.md §9). Credits are summed inside their row,
-- never by a join.
WITH totals AS (
  SELECT
    coalesce(left(invoice_month, 4) || '-' || right(invoice_month, 2), strftime(gcp_instant(usage_start_time), '%Y-%m')) AS billing_period,
    coalesce(nullif(currency, ''), configured_currency) AS currency,
    sum(money(cost)) + coalesce(sum(CASE WHEN len(credit_amounts) > 0
      THEN list_sum(list_transform(credit_amounts, lambda a: money(a))) END), 0::DECIMAL(38,18)) AS amount
  FROM gcp_control, gcp_configured
  GROUP BY ALL
)
SELECT billing_period, currency, metric, amount::DECIMAL(38,18) AS amount
FROM totals, (VALUES ('BilledCost'), ('EffectiveCost')) AS metrics(metric)
