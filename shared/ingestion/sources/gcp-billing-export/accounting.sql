SELECT 'source' AS label, coalesce(sum(row_count), 0)::BIGINT AS "rows" FROM gcp_facts
UNION ALL SELECT 'amortised twins of commitment fees (GCP-3)', coalesce(sum(fees), 0)::BIGINT FROM gcp_facts
UNION ALL SELECT 'credits that are rows of their own (GCP-2)', coalesce(sum(credit_rows), 0)::BIGINT FROM gcp_facts
