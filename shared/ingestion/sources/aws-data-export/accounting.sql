-- INV-6: where the FOCUS rows come from. A split row counts as split, whatever its type.
WITH sums AS (SELECT * FROM aws_summary JOIN aws_modes USING (mode_key) WHERE about = 'sums')
SELECT 'source' AS label, coalesce(sum(line_items), 0)::BIGINT AS "rows" FROM sums
UNION ALL
SELECT 'split cost rows (AWS-7)', -coalesce(sum(line_items) FILTER (is_split), 0)::BIGINT FROM sums
UNION ALL
SELECT 'savings plan negation (AWS-5)',
  -coalesce(sum(line_items) FILTER (line_item_type = 'SavingsPlanNegation' AND NOT is_split), 0)::BIGINT FROM sums
UNION ALL
SELECT 'unused commitment (AWS-3)',
  coalesce(sum(CASE WHEN net_mode THEN net_unused_rows ELSE gross_unused_rows END) FILTER (NOT is_split), 0)::BIGINT FROM sums
