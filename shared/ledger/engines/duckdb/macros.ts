/**
 * `money(text)`: text → DECIMAL(38,18), exact.
 * Casts of text to DECIMAL(38,18) cost 2.4 µs and round half-up; those to 64-bit decimals cost 0.02 µs and are exact as long as the text
 * has no more fraction digits than the type. So short plain numbers take the narrow casts (which answer NULL when the whole part is too
 * long), and everything else goes to `money_from_text`, which rounds half-even or refuses.
 */
export const MONEY_MACROS: readonly string[] = [
  // No more than this many characters after the point; a text without a point has position 0 and is short as a whole.
  "CREATE MACRO money_fraction(t) AS strlen(t) - position('.' IN t)",
  // Exponents hide fraction digits, and the engine reads `1_000` as a number and `+ ` as nothing.
  `CREATE MACRO money_plain(t) AS NOT contains(t, 'e') AND NOT contains(t, 'E') AND NOT contains(t, '_')
     AND ascii(right(t, 1)) BETWEEN 48 AND 57`,
  `CREATE MACRO money(t) AS CASE
     WHEN t IS NULL THEN NULL
     WHEN money_fraction(t) <= 12 AND money_plain(t) THEN coalesce(
       TRY_CAST(t AS DECIMAL(18,12))::DECIMAL(38,18),
       CASE WHEN money_fraction(t) <= 6 THEN TRY_CAST(t AS DECIMAL(18,6))::DECIMAL(38,18) END,
       money_from_text(t))
     WHEN money_fraction(t) <= 16 AND money_plain(t) THEN coalesce(TRY_CAST(t AS DECIMAL(18,16))::DECIMAL(38,18), money_from_text(t))
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
