-- UP-5: x_SkuDetails (Azure 1.0) becomes SkuPriceDetails with its keys prefixed by `x_`; what is no JSON object gives NULL and stays in x_SkuDetails.
CREATE OR REPLACE TEMP MACRO sku_price_details(t) AS CASE
  WHEN t IS NULL OR NOT starts_with(ltrim(t), '{') OR NOT json_valid(t) THEN NULL
  ELSE TRY(to_json(map_from_entries(list_transform(map_entries(from_json(t, '"MAP(VARCHAR, JSON)"')),
    e -> {'key': CASE WHEN starts_with(e.key, 'x_') THEN e.key ELSE 'x_' || e.key END, 'value': e.value})))::VARCHAR) END
