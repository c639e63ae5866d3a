/**
 * Reads JSON without making binary floats of its numbers: each number becomes its source text (`451.07` → `"451.07"`), so that money
 * stays exact. Throws SyntaxError for what is no JSON, RangeError for what is nested too deeply.
 */
export function parseJsonExactly(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? (context?.source ?? String(value)) : value,
  );
}

/** A value that a platform has parsed already, in the same form: numbers as the shortest text that means them. */
export function withNumbersAsText(value: unknown): unknown {
  return parseJsonExactly(JSON.stringify(value) ?? "null");
}
