-- AZ-3, AZ-4, AZ-5: words of ChargeType and PricingModel as the rules spell them.
CREATE OR REPLACE TEMP MACRO azure_word(t) AS lower(replace(t, ' ', ''));

CREATE OR REPLACE TEMP MACRO azure_committed(model) AS coalesce(model IN ('reservation', 'savingsplan'), false);

-- AZ-8: tags may come without braces.
CREATE OR REPLACE TEMP MACRO azure_braced(t) AS CASE WHEN starts_with(ltrim(t), '{') THEN t ELSE '{' || t || '}' END;

-- X-5: one flat JSON object. Only where a bracket stands somewhere the text is looked at more closely.
CREATE OR REPLACE TEMP MACRO azure_flat(t) AS coalesce(
  starts_with(ltrim(t), '{') AND json_valid(t)
  AND CASE WHEN contains(t, '[') OR contains(substr(ltrim(t), 2), '{') THEN NOT regexp_matches(t, '":\s*[\[{]') ELSE true END, false);

-- A path such as microsoft.compute/disks/NAME without the names: type and parent type of a resource.
CREATE OR REPLACE TEMP MACRO azure_type(s) AS CASE
  WHEN len(s) < 2 THEN NULL
  WHEN len(s) <= 3 THEN s[1] || '/' || s[2]
  WHEN len(s) <= 5 THEN s[1] || '/' || s[2] || '/' || s[4]
  WHEN len(s) <= 7 THEN s[1] || '/' || s[2] || '/' || s[4] || '/' || s[6]
  ELSE s[1] || '/' || s[2] || '/' || s[4] || '/' || s[6] || '/' || s[8] END;

-- a × b where one of them is often 0 or 1 and then needs no exact multiplication.
CREATE OR REPLACE TEMP MACRO azure_product(a, b) AS CASE
  WHEN a IS NULL OR b IS NULL THEN NULL
  WHEN b = 1 THEN a
  WHEN a = 0 OR b = 0 THEN 0::DECIMAL(38,18)
  WHEN a = 1 THEN b
  ELSE times(a, b) END;

-- AI vendors that sell models on the marketplace (X-7).
CREATE OR REPLACE TEMP MACRO azure_model_vendor(publisher) AS regexp_matches(
  lower(publisher), '^(anthropic|openai|cohere|mistral|meta platforms|ai21|deepseek|hugging ?face|stability ai|xai|black forest labs|aleph alpha)\b');

-- AZ-7, for deciding only: is quantity × price ÷ divisor the cost, to 1e-6 of it? A coarse type is enough, and what is no number tells nothing.
CREATE OR REPLACE TEMP MACRO azure_fits(quantity, price, cost, divisor, block) AS CASE
  WHEN block IS NULL OR block = 1 OR quantity IS NULL OR price IS NULL OR cost IS NULL THEN false
  ELSE coalesce(
    abs(try_cast(try_cast(quantity AS DECIMAL(18,9)) * try_cast(price AS DECIMAL(18,9)) AS DECIMAL(28,9)) - try_cast(cost AS DECIMAL(18,9)) * divisor)
      * 1000000 <= abs(try_cast(cost AS DECIMAL(18,9))) * divisor
    AND abs(try_cast(cost AS DECIMAL(18,9))) > 0.00001, false) END;
