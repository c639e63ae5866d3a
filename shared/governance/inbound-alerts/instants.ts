import { type Day, dayOf, isDay } from "../../core/period.ts";

/** An instant in UTC as RFC 3339 text, of which days can be counted; `undefined` for anything else, also for years beyond 9999. */
export function readInstant(text: string | null | undefined): string | undefined {
  const instant = new Date(text ?? "");
  if (text == null || Number.isNaN(instant.getTime())) return undefined;
  const written = instant.toISOString();
  return isDay(written.slice(0, 10)) ? written : undefined;
}

/** The UTC day of an instant. */
export function readDay(text: string | null | undefined): Day | undefined {
  const instant = readInstant(text);
  return instant === undefined ? undefined : dayOf(new Date(instant));
}
