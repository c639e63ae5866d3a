-- Control totals (L1) from the sums of the raw columns. Billed: all rows, AWS-2 applied; covered usage and its negation cancel out (AWS-5).
-- Effective: Σ of AWS-3. Split rows (AWS-7) have no cost of their own.
WITH sums AS (
  SELECT
    billing_period,
    currency,
    CASE WHEN net_mode THEN net_cost ELSE gross_cost END AS billed,
    CASE WHEN is_split THEN 0 WHEN net_mode THEN net_effective ELSE gross_effective END AS effective
  FROM aws_summary JOIN aws_modes USING (mode_key) WHERE about = 'sums'
)
SELECT billing_period, currency, 'BilledCost' AS metric, sum(billed)::DECIMAL(38,18) AS amount FROM sums GROUP BY ALL
UNION ALL
SELECT billing_period, currency, 'EffectiveCost', sum(effective)::DECIMAL(38,18) FROM sums GROUP BY ALL
