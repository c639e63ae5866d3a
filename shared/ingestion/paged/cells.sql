-- What fetched lines (bill-lines.ts) say about costs: `fetched_cells` holds every unit of the base queries' money exactly once.
-- Lines of a slice tell it in detail; what they do not add up to stays with the keys of the base group (group-plan.ts).
CREATE OR REPLACE TEMP VIEW fetched_costs AS
SELECT level, base, keys, day, day_end, measure, coalesce(unit, configured_currency) AS unit, money(amount) AS cost,
  estimated, payer
FROM bill WHERE ends_with(measure, 'Cost');

CREATE OR REPLACE TEMP VIEW fetched_cells AS
WITH whole AS (
  SELECT base, day, measure, unit, sum(cost)::DECIMAL(38,18) AS cost, max(day_end) AS day_end, max(estimated) AS estimated,
    max(payer) AS payer
  FROM fetched_costs WHERE level = 'base' GROUP BY ALL
),
told AS (
  SELECT base, day, measure, unit, sum(cost)::DECIMAL(38,18) AS cost, max(day_end) AS day_end, max(estimated) AS estimated, max(payer) AS payer
  FROM fetched_costs WHERE level = 'slice' GROUP BY ALL
)
SELECT keys, day, day_end, measure, unit, cost, estimated, payer, FALSE AS is_remainder
FROM fetched_costs WHERE level = 'slice'
UNION ALL
SELECT base, day, coalesce(whole.day_end, told.day_end), measure, unit,
  (coalesce(whole.cost, 0) - coalesce(told.cost, 0))::DECIMAL(38,18),
  coalesce(whole.estimated, told.estimated), coalesce(whole.payer, told.payer),
  EXISTS (SELECT 1 FROM told)
FROM whole FULL JOIN told USING (base, day, measure, unit)
-- Beside slices a coarse group without a cost has nothing to tell.
WHERE coalesce(whole.cost, 0) <> coalesce(told.cost, 0) OR NOT EXISTS (SELECT 1 FROM told);
