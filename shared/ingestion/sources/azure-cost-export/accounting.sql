SELECT 'source' AS label, coalesce(sum(row_count), 0)::BIGINT AS "rows" FROM azure_facts
UNION ALL
SELECT 'actual rows that the amortized file carries too (AZ-1)', -coalesce(sum(row_count - commitment_purchases), 0)::BIGINT
FROM azure_facts WHERE paired AND role = 'actual'
UNION ALL
SELECT 'commitment purchases inside the amortized file (AZ-1)', -coalesce(sum(commitment_purchases), 0)::BIGINT
FROM azure_facts WHERE paired AND role = 'amortized'
