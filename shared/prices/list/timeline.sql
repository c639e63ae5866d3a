-- The prices of one service as a timeline: `listed_prices` is what the provider lists now, `known_prices` what the version before knew.
-- A catalog dates a price by the hour of the question, so a price that is still the same keeps the day on which it was first seen. Another
-- price that is dated no later than the one before would not come after it: it is known to hold since it was seen.
WITH latest AS (
  SELECT sku, arg_max(price, effective_from) AS price, max(effective_from) AS effective_from FROM known_prices GROUP BY sku
), kept AS (
  SELECT k.* REPLACE (CASE WHEN n.sku IS NOT NULL THEN NULL WHEN k.delisted_at IS NULL THEN taken_at ELSE k.delisted_at END AS delisted_at)
  FROM known_prices k CROSS JOIN taken LEFT JOIN (SELECT DISTINCT sku FROM listed_prices) n ON n.sku = k.sku
), changed AS (
  SELECT n.* REPLACE (CASE WHEN n.effective_from <= l.effective_from THEN taken_at ELSE n.effective_from END AS effective_from),
    NULL::TIMESTAMP AS delisted_at
  FROM listed_prices n CROSS JOIN taken LEFT JOIN latest l ON l.sku = n.sku
  WHERE n.price IS DISTINCT FROM l.price
)
SELECT * FROM kept
UNION ALL BY NAME SELECT * FROM changed
