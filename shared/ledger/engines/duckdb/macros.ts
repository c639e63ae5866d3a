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
 * TIMESTAMP would drop them); times without seconds are accepted. What the engine takes beyond ISO (`infinity`, `epoch`, years before
 * Christ or of five digits) is refused in the words that `shared/ledger/collect/explain-refusal.ts` knows.
 */
export const TIME_MACROS: readonly string[] = [
  `CREATE MACRO instant_with_seconds(t) AS CASE
     WHEN substr(t, 8, 1) = '-' AND substr(t, 14, 1) = ':' AND substr(t, 17, 1) IN ('', 'Z', '+', '-')
       THEN left(t, 16) || ':00' || substr(t, 17)
     ELSE t END`,
  `CREATE MACRO instant(t) AS CASE
     WHEN t IS NULL THEN NULL
     WHEN substr(t, 5, 1) <> '-' OR ends_with(t, ')') THEN error('invalid timestamp: "' || t || '"')
     WHEN length(t) = 10 OR length(t) = 19 AND substr(t, 17, 1) = ':' OR length(t) >= 20 AND ends_with(t, 'Z') THEN t::TIMESTAMP
     ELSE instant_with_seconds(t)::TIMESTAMPTZ::TIMESTAMP END`,
];
