/**
 * `money(text)`: text → DECIMAL(38,18), exact.
 * Nearly every amount of a bill fits DECIMAL(18,12), whose cast is ~60 times faster than the one to DECIMAL(38,18); what has more
 * fraction digits, an exponent or another sign of trouble goes to `money_from_text`, which rounds half-even or refuses.
 */
export const MONEY_MACROS: readonly string[] = [
  `CREATE MACRO money_fits(t, whole, fraction) AS
     length(t) <= whole + fraction
     AND (CASE WHEN contains(t, '.') THEN position('.' IN t) <= whole + 1 AND length(t) - position('.' IN t) <= fraction
               ELSE length(t) <= whole END)
     AND NOT regexp_matches(t, '[^-0-9.]')`,
  `CREATE MACRO money(t) AS CASE
     WHEN t IS NULL THEN NULL
     WHEN money_fits(t, 6, 12) THEN t::DECIMAL(18,12)::DECIMAL(38,18)
     WHEN money_fits(t, 2, 16) THEN t::DECIMAL(18,16)::DECIMAL(38,18)
     ELSE money_from_text(t) END`,
];

/**
 * `instant(text)`: text → TIMESTAMP in UTC (`reference/focus.md` X-2). A missing zone means UTC; offsets are applied (a plain cast to
 * TIMESTAMP would drop them); `2023-01-31T08:00Z` without seconds is accepted.
 */
export const TIME_MACROS: readonly string[] = [
  `CREATE MACRO instant(t) AS CASE
     WHEN t IS NULL THEN NULL
     WHEN length(t) <= 19 AND length(t) <> 17 OR ends_with(t, 'Z') AND length(t) >= 20 THEN t::TIMESTAMP
     WHEN length(t) = 17 AND ends_with(t, 'Z') THEN (left(t, 16) || ':00')::TIMESTAMP
     ELSE t::TIMESTAMPTZ::TIMESTAMP END`,
];
