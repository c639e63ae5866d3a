import type { Day } from "../../core/period.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NAMES: Readonly<Record<string, string>> = {
  aws: "AWS",
  azure: "Azure",
  gcp: "Google Cloud",
  oracle: "Oracle Cloud",
};

/** `24 Sep`. */
export function shortDay(day: Day): string {
  return `${Number(day.slice(8, 10))} ${monthName(day)}`;
}

/** `24 Sep 2024`. */
export function longDay(day: Day): string {
  return `${shortDay(day)} ${day.slice(0, 4)}`;
}

/** `Sep`. */
export function monthName(day: Day): string {
  return MONTHS[Number(day.slice(5, 7)) - 1] ?? "";
}

/** `30 Sep 2024, 12:00 UTC`; a text that is no instant stays as it is. */
export function instantText(instant: string): string {
  const time = Date.parse(instant);
  if (Number.isNaN(time)) return instant;
  const text = new Date(time).toISOString();
  return `${longDay(text.slice(0, 10))}, ${text.slice(11, 16)} UTC`;
}

/** A provider as people call it. */
export function providerName(slug: string): string {
  return Object.hasOwn(NAMES, slug) ? (NAMES[slug] ?? slug) : slug;
}

/** `team: ai-research · provider: gcp`, or `all costs`. */
export function scopeText(scope: Readonly<Record<string, readonly string[]>>): string {
  const parts = Object.entries(scope).map(
    ([dimension, values]) => `${dimension.replaceAll("_", " ")}: ${values.map((value) => value || "none").join(", ")}`,
  );
  return parts.length === 0 ? "all costs" : parts.join(" · ");
}
