-- INV-6. One row of FOCUS is one group, day and currency; lines are amounts.
WITH lines AS (
  SELECT count(*) AS all_lines, count(*) FILTER (NOT ends_with(measure, 'Cost')) AS quantities FROM bill
),
slices AS (
  SELECT count(*) AS cost_lines, count(DISTINCT (keys, day, day_end, unit)) AS groups FROM fetched_costs WHERE level = 'slice'
),
bases AS (SELECT count(*) AS cost_lines FROM fetched_costs WHERE level = 'base'),
coarse AS (
  SELECT count(DISTINCT (keys, day, day_end, unit)) FILTER (NOT is_remainder) AS plain_groups,
    count(DISTINCT (keys, day, day_end, unit)) FILTER (is_remainder) AS remainder_groups
  FROM fetched_cells WHERE is_remainder OR NOT EXISTS (SELECT 1 FROM fetched_costs WHERE level = 'slice')
)
SELECT 'source' AS label, all_lines::BIGINT AS "rows" FROM lines
UNION ALL SELECT 'quantities beside the costs', -quantities::BIGINT FROM lines
UNION ALL SELECT 'further costs of one detailed group', -(slices.cost_lines - slices.groups)::BIGINT FROM slices
UNION ALL SELECT 'coarse groups told in detail, and further costs of one group', -(bases.cost_lines - coarse.plain_groups)::BIGINT FROM bases, coarse
UNION ALL SELECT 'what narrower queries left of coarse groups', coarse.remainder_groups::BIGINT FROM coarse
