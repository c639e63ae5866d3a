/** Longest name that is taken over from a message. */
const NAME_LENGTH = 200;

const FACT_LENGTH = 500;

/** A name from outside, cut to a length that fits into titles. */
export function shortText(text: string, most = NAME_LENGTH): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Only what has a value, cut to a length that fits. */
export function knownFacts(facts: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value == null || value === "" ? [] : [[name, shortText(value, FACT_LENGTH)]],
    ),
  );
}
