-- One pass over the bill: its services, and the rows that the mapping adds.
CREATE OR REPLACE TEMP TABLE gcp_facts AS
SELECT service_description, seller_name,
  count(*) AS row_count,
  count(*) FILTER (WHERE cost_type = 'regular' AND lower(left(sku_description, 10)) = 'commitment') AS fees,
  coalesce(sum(CASE WHEN len(credits) > 0 THEN len(list_filter(credits, lambda c: NOT gcp_reprices(c."type"))) END), 0) AS credit_rows
FROM bill
GROUP BY ALL
