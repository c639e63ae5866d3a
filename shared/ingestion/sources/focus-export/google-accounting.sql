-- INV-6: one row in, one row out, and one for every credit that does not re-price its row (GCP-2).
SELECT 'source' AS label, count(*) AS "rows" FROM bill
UNION ALL
SELECT 'credits as rows of their own', count(*) FROM bill JOIN google_credits g ON x_Credits = g.credits AND NOT g.reprices
