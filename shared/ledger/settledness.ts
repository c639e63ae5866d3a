import { addDays, type Day } from "../core/period.ts";
import { sqlText } from "../ports/sql-engine.ts";

/** Days after which a provider's day counts as settled; `default` for the rest. */
export type SettledAfterDays = Readonly<Record<string, number>>;

/** Used where the configuration names no `default`. */
const DEFAULT_DAYS = 3;

/** The last settled day of a provider: a day is settled when so many full days have passed since it ended. */
export function settledThrough(settledAfterDays: SettledAfterDays, provider: string, today: Day): Day {
  const days = settledAfterDays[provider] ?? settledAfterDays["default"] ?? DEFAULT_DAYS;
  return addDays(today, -days - 1);
}

export function longestSettling(settledAfterDays: SettledAfterDays): number {
  return Math.max(settledAfterDays["default"] ?? DEFAULT_DAYS, ...Object.values(settledAfterDays));
}

/** SQL condition over cube columns: the row is of a day that is not settled yet. Metered rows are always settled. */
export function unsettledSql(settledAfterDays: SettledAfterDays, today: Day): string {
  const named = Object.keys(settledAfterDays).filter((provider) => provider !== "default");
  const byDefault = `DATE ${sqlText(settledThrough(settledAfterDays, "default", today))}`;
  const cases = named.map((p) => `WHEN ${sqlText(p)} THEN DATE ${sqlText(settledThrough(settledAfterDays, p, today))}`);
  const through = cases.length === 0 ? byDefault : `CASE provider ${cases.join(" ")} ELSE ${byDefault} END`;
  return `(NOT coalesce(metered, false) AND date > ${through})`;
}
