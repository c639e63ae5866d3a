-- INV-6: one row in, one row out.
SELECT 'source' AS label, count(*) AS "rows" FROM bill
