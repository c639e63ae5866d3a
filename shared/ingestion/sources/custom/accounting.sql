-- INV-6: the SELECT may drop and add rows; that is its author's decision, and is told.
SELECT 'source' AS label, count(*) AS "rows" FROM bill
UNION ALL
SELECT 'by the SELECT', (SELECT count(*) FROM custom_rows) - (SELECT count(*) FROM bill)
