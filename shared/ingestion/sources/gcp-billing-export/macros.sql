-- X-2. BigQuery writes `2024-09-01 07:00:00 UTC`; its query API gives seconds (1.7251752E9) or microseconds since 1970.
CREATE OR REPLACE TEMP MACRO gcp_instant(t) AS CASE
  WHEN length(t) = 23 AND ends_with(t, ' UTC') THEN left(t, 19)::TIMESTAMP
  WHEN contains(t, '-') THEN instant(t)
  WHEN regexp_full_match(t, '[0-9]{15,17}') THEN make_timestamp(t::BIGINT)
  WHEN t IS NOT NULL THEN make_timestamp((money(t) * 1000000)::BIGINT) END;

-- GCP-2: these lower the price of the row itself; every other credit is a row of its own.
CREATE OR REPLACE TEMP MACRO gcp_reprices(type) AS coalesce(type IN (
  'COMMITTED_USAGE_DISCOUNT', 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE', 'SUSTAINED_USAGE_DISCOUNT', 'DISCOUNT', 'RESELLER_MARGIN',
  'SUBSCRIPTION_BENEFIT', 'FEE_UTILIZATION_OFFSET'), false);

-- GCP-3: a commitment's fee.
CREATE OR REPLACE TEMP MACRO gcp_is_fee(cost_type, sku) AS coalesce(cost_type = 'regular' AND starts_with(lower(sku), 'commitment'), false);

-- Flat JSON object of key-value records; of equal keys the first counts. A key without a value is true (X-5).
CREATE OR REPLACE TEMP MACRO gcp_object_of(entries, keys) AS '{' || list_aggregate(
  list_transform(
    list_filter(entries, lambda e, i: e."key" IS NOT NULL AND list_position(keys, e."key") = i),
    lambda e: to_json(e."key")::VARCHAR || ':' || coalesce(to_json(e."value")::VARCHAR, 'true')),
  'string_agg', ',') || '}';
CREATE OR REPLACE TEMP MACRO gcp_object(entries) AS gcp_object_of(entries, list_transform(entries, lambda e: e."key"));

-- Byte-seconds of a large bucket do not fit DECIMAL(38,18).
CREATE OR REPLACE TEMP MACRO gcp_fits(t) AS
  length(t) <= 20 AND NOT contains(lower(t), 'e') OR NOT regexp_matches(t, '^-?[0-9]{21,}|[eE][+]?(2[0-9]|[3-9][0-9]|[0-9]{3,})$');

-- X-7: generative models on Vertex AI; model vendors and Google's own model APIs.
CREATE OR REPLACE TEMP MACRO gcp_is_generative(sku) AS coalesce(regexp_matches(lower(sku),
  'gemini|gemma|palm|imagen|veo|lyria|claude|llama|mistral|codestral|jamba|deepseek|qwen|grok|gpt-oss|generative|genai|gen ai|bison|unicorn|gecko|embedding|medlm'),
  false);
CREATE OR REPLACE TEMP MACRO gcp_sells_models(service, seller) AS coalesce(
  regexp_matches(lower(service), '^(gemini|generative language|claude|mistral|llama|cohere)'), false)
  OR CASE WHEN seller IS NULL THEN false
     ELSE regexp_matches(lower(seller), '^(anthropic|openai|cohere|mistral|ai21|deepseek|hugging ?face|stability ai|xai)\b') END;
