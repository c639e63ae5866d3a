-- Google's native FOCUS export (UP-7): it has no Tags, ServiceCategory, CommitmentDiscount* columns and keeps credits in x_Credits.
-- Reads view `bill`, gives view `delivered` with the same columns. JSON is taken apart once per distinct text, not per row.

-- X-7: categories by service; AI services are told apart by what is metered.
CREATE OR REPLACE TEMP VIEW google_categories AS
SELECT ServiceName, any_value(c.ServiceCategory) AS category
FROM (SELECT DISTINCT ServiceName FROM bill WHERE ServiceCategory IS NULL) JOIN google_category_mapping c ON c.ConsumedService = ServiceName
GROUP BY ServiceName;

-- GCP-6: labels win over project labels; system labels keep their keys; tags are `tag:<namespace>/<key>`. X-5: a key without a value is true.
CREATE OR REPLACE TEMP MACRO google_pairs(list) AS from_json(coalesce(list, '[]'), '["JSON"]');

CREATE OR REPLACE TEMP VIEW google_tags AS
WITH sets AS (
  SELECT DISTINCT x_Labels, x_ProjectLabels, x_SystemLabels, x_Tags FROM bill
  WHERE Tags IS NULL AND coalesce(x_Labels, x_ProjectLabels, x_SystemLabels, x_Tags) IS NOT NULL
), pairs AS (
  SELECT *, 1 AS rank, '' AS prefix, unnest(google_pairs(x_Labels)) AS pair FROM sets
  UNION ALL SELECT *, 2, '', unnest(google_pairs(x_ProjectLabels)) FROM sets
  UNION ALL SELECT *, 3, '', unnest(google_pairs(x_SystemLabels)) FROM sets
  UNION ALL SELECT *, 4, 'tag:', unnest(google_pairs(x_Tags)) FROM sets
), named AS (
  SELECT x_Labels, x_ProjectLabels, x_SystemLabels, x_Tags, rank,
    CASE prefix WHEN 'tag:' THEN 'tag:' || coalesce(pair->>'Namespace' || '/', pair->>'namespace' || '/', '') ELSE '' END
      || coalesce(pair->>'Key', pair->>'key') AS key,
    CASE WHEN nullif(coalesce(pair->>'Value', pair->>'value'), '') IS NULL THEN 'true'::JSON
         ELSE coalesce(pair->'Value', pair->'value') END AS value
  FROM pairs
), winners AS (
  SELECT x_Labels, x_ProjectLabels, x_SystemLabels, x_Tags, key, arg_min(value, rank) AS value
  FROM named WHERE key IS NOT NULL GROUP BY ALL
)
SELECT x_Labels, x_ProjectLabels, x_SystemLabels, x_Tags, to_json(map_from_entries(list({'key': key, 'value': value} ORDER BY key)))::VARCHAR AS tags
FROM winners GROUP BY ALL;

-- GCP-2, where the setting `credits` says that BilledCost does not contain them: re-pricing credits reduce their row …
CREATE OR REPLACE TEMP VIEW google_credits AS
SELECT credits, upper(coalesce(item->>'Type', item->>'type', '')) AS type, money(coalesce(item->>'Amount', item->>'amount')) AS amount,
  upper(coalesce(item->>'Type', item->>'type', '')) IN ('COMMITTED_USAGE_DISCOUNT', 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE',
    'SUSTAINED_USAGE_DISCOUNT', 'DISCOUNT', 'RESELLER_MARGIN', 'SUBSCRIPTION_BENEFIT', 'FEE_UTILIZATION_OFFSET') AS reprices
FROM (
  SELECT credits, unnest(google_pairs(credits)) AS item
  FROM (SELECT DISTINCT x_Credits AS credits FROM bill WHERE x_Credits IS NOT NULL AND credits_setting = 'separate')
);

CREATE OR REPLACE TEMP VIEW delivered AS
SELECT b.* REPLACE (
  CASE WHEN d.amount IS NULL THEN b.BilledCost ELSE (money(b.BilledCost) + d.amount)::VARCHAR END AS BilledCost,
  CASE WHEN d.amount IS NULL THEN b.EffectiveCost ELSE (money(b.EffectiveCost) + d.amount)::VARCHAR END AS EffectiveCost,
  coalesce(b.Tags, t.tags) AS Tags,
  coalesce(b.ServiceCategory, c.category) AS ServiceCategory,
  CASE WHEN b.ServiceSubcategory IS NULL AND c.category = 'AI and Machine Learning' THEN
    CASE WHEN regexp_matches(coalesce(b.SkuMeter, b.ChargeDescription, ''), 'gemini|palm|claude|llama|generative|imagen', 'i')
         THEN 'Generative AI' ELSE 'Machine Learning' END
    ELSE b.ServiceSubcategory END AS ServiceSubcategory,
  coalesce(b.CommitmentDiscountId, b.x_SubscriptionInstanceId) AS CommitmentDiscountId
)
FROM bill b
LEFT JOIN (SELECT credits, sum(amount) AS amount FROM google_credits WHERE reprices GROUP BY credits) d ON b.x_Credits = d.credits
LEFT JOIN google_categories c ON b.ServiceName = c.ServiceName
LEFT JOIN google_tags t ON b.x_Labels IS NOT DISTINCT FROM t.x_Labels AND b.x_ProjectLabels IS NOT DISTINCT FROM t.x_ProjectLabels
  AND b.x_SystemLabels IS NOT DISTINCT FROM t.x_SystemLabels AND b.x_Tags IS NOT DISTINCT FROM t.x_Tags
UNION ALL BY NAME
-- … and every other credit is a row of its own: same period, project, service and SKU; no quantities and prices.
SELECT b.* REPLACE (
  'Credit' AS ChargeCategory, 'One-Time' AS ChargeFrequency, NULL::VARCHAR AS PricingCategory,
  g.amount::VARCHAR AS BilledCost, g.amount::VARCHAR AS EffectiveCost, g.amount::VARCHAR AS ListCost, g.amount::VARCHAR AS ContractedCost,
  NULL::VARCHAR AS ListUnitPrice, NULL::VARCHAR AS ContractedUnitPrice, NULL::VARCHAR AS PricingQuantity, NULL::VARCHAR AS PricingUnit,
  NULL::VARCHAR AS ConsumedQuantity, NULL::VARCHAR AS ConsumedUnit, NULL::VARCHAR AS PricingCurrencyEffectiveCost,
  coalesce(b.Tags, t.tags) AS Tags,
  coalesce(b.ServiceCategory, c.category) AS ServiceCategory
)
FROM bill b
JOIN google_credits g ON b.x_Credits = g.credits AND NOT g.reprices
LEFT JOIN google_categories c ON b.ServiceName = c.ServiceName
LEFT JOIN google_tags t ON b.x_Labels IS NOT DISTINCT FROM t.x_Labels AND b.x_ProjectLabels IS NOT DISTINCT FROM t.x_ProjectLabels
  AND b.x_SystemLabels IS NOT DISTINCT FROM t.x_SystemLabels AND b.x_Tags IS NOT DISTINCT FROM t.x_Tags;
