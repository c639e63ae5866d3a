import type { Scope } from "../../core/finding.ts";
import { addDays, type Day } from "../../core/period.ts";
import { type SqlEngine, sqlName, sqlText } from "../../ports/sql-engine.ts";

/** A provider that has delivered nothing for so long is not waited for. */
const GONE_AFTER_DAYS = 14;

/** The last day with cost of each provider that still delivers. */
export async function deliveredThrough(engine: SqlEngine, cube: string, today: Day): Promise<Map<string, Day>> {
  const rows = await engine.query(
    `SELECT provider, max(date)::VARCHAR AS day FROM ${sqlName(cube)}
     WHERE billed <> 0 AND date <= DATE ${sqlText(today)} GROUP BY provider
     HAVING max(date) > DATE ${sqlText(addDays(today, -GONE_AFTER_DAYS))}`,
  );
  return new Map(rows.map((row) => [String(row["provider"]), String(row["day"])]));
}

/** The instant until which every provider in the scope is known: the end of the day that the slowest has delivered. */
export function asOfScope(delivered: ReadonlyMap<string, Day>, scope: Scope): string | undefined {
  const providers = scope["provider"];
  const days = [...delivered].flatMap(([provider, day]) =>
    providers === undefined || providers.includes(provider) ? [day] : [],
  );
  const slowest = days.sort()[0];
  return slowest === undefined ? undefined : `${addDays(slowest, 1)}T00:00:00.000Z`;
}
