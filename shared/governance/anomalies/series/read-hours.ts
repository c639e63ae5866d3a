import { at } from "../../../core/at.ts";
import type { Day } from "../../../core/period.ts";
import { type SqlEngine, type SqlLists, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { DAY_MS } from "../types.ts";
import type { LeafSeries, LeafTable } from "./types.ts";

export const HOUR_MS = 3_600_000;
/** A provider that has delivered no hours for so long has ended, or is broken and reported as such: it is not watched. */
const ENDED_AFTER = (10 * DAY_MS) / HOUR_MS;

export interface HoursInput {
  /** Relation with hourly costs (`ledger/hourly-costs.ts`). */
  hourlyRelation: string;
  by: readonly string[];
  start: Day;
  /** Hours that end later are not over yet; milliseconds since 1970. */
  now: number;
}

/**
 * All leaves by the hour, by one query, as numbers. An hour is unknown before the first and after the last that its provider has delivered;
 * between them a series without rows cost nothing. Sums are made in decimals.
 */
export async function readHours(engine: SqlEngine, input: HoursInput): Promise<LeafTable> {
  const hours = Math.max(0, Math.floor((input.now - Date.parse(input.start)) / HOUR_MS));
  const rows = await engine.queryLists(hoursSql(input, hours));
  const delivered = deliveredHours(rows);
  const leaves = rows.flatMap((row) => {
    const known = delivered.get(providerOf(row));
    if (known === undefined || known.last < hours - ENDED_AFTER) return [];
    return [{ name: row.texts.join("\n"), leaf: leafOf(row, known, hours) }];
  });
  leaves.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { by: input.by, start: input.start, days: hours, step: HOUR_MS, leaves: leaves.map(({ leaf }) => leaf) };
}

function hoursSql({ hourlyRelation, by, start }: HoursInput, hours: number): string {
  const keys = by.map((name, index) => `${sqlName(name)} AS k${index}`);
  const names = ["currency", "provider", ...by.map((_name, index) => `k${index}`)].join(", ");
  const index = `date_diff('hour', TIMESTAMP ${sqlText(start)}, hour)`;
  return `SELECT ${names}, list(place) AS places, list(cost) AS costs FROM (
SELECT ${["currency", "provider", ...keys].join(", ")}, ${index}::DOUBLE AS place, sum(effective)::DOUBLE AS cost
FROM ${sqlName(hourlyRelation)} WHERE hour >= TIMESTAMP ${sqlText(start)} AND ${index} < ${hours} GROUP BY ALL)
GROUP BY ${names}`;
}

interface Delivered {
  first: number;
  last: number;
}

function deliveredHours(rows: readonly SqlLists[]): Map<string, Delivered> {
  const delivered = new Map<string, Delivered>();
  for (const row of rows) {
    const known = delivered.get(providerOf(row)) ?? { first: Number.POSITIVE_INFINITY, last: -1 };
    delivered.set(providerOf(row), known);
    for (const place of row.lists[0] ?? []) {
      known.first = Math.min(known.first, place);
      known.last = Math.max(known.last, place);
    }
  }
  return delivered;
}

function leafOf(row: SqlLists, { first, last }: Delivered, hours: number): LeafSeries {
  const [places = new Float64Array(), amounts = new Float64Array()] = row.lists;
  const costs = new Float64Array(hours).fill(Number.NaN).fill(0, first, last + 1);
  for (let index = 0; index < places.length; index += 1) costs[at(places, index)] = at(amounts, index);
  const [currency, provider, ...values] = row.texts.map((text) => text ?? "");
  return { currency: String(currency), provider: String(provider), values, costs };
}

/** Columns as `hoursSql` names them. */
function providerOf({ texts }: SqlLists): string {
  return String(texts[1] ?? "");
}
