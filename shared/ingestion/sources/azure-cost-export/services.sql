-- X-7 for rows whose (ConsumedService, resource type) is not in services.csv: one category per MeterCategory, because it becomes the
-- ServiceName and a ServiceName has one ServiceCategory.
CREATE OR REPLACE TEMP TABLE azure_meter_categories AS
WITH names AS (
  SELECT ServiceName, min(ServiceCategory) AS category, min(ServiceSubcategory) AS subcategory
  FROM azure_services GROUP BY ServiceName
),
guesses AS (
  SELECT MeterCategory, coalesce(min(m.ServiceCategory) FILTER (WHERE m.ServiceCategory <> 'Other'), 'Other') AS category
  FROM azure_facts LEFT JOIN azure_categories m ON m.ConsumedService = consumed_service
  WHERE MeterCategory IS NOT NULL
  GROUP BY MeterCategory
)
SELECT g.MeterCategory AS meter_category, coalesce(n.category, g.category) AS category,
  coalesce(n.subcategory, 'Other (' || g.category || ')') AS subcategory
FROM guesses g LEFT JOIN names n ON n.ServiceName = g.MeterCategory;
