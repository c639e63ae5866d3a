import { at } from "../../../core/at.ts";
import type { Day } from "../../../core/period.ts";
import { type SqlEngine, type SqlLists, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { DAY_MS } from "../types.ts";
import type { LeafSeries, LeafTable } from "./types.ts";

export const HOUR_MS = 3_600_000;
const WEEK = (7 * DAY_MS) / HOUR_MS;
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
 * All leaves by the hour, as numbers. An hour is unknown before the first and after the last that its provider has delivered; between them a
 * series without rows cost nothing. Read week by week, so that memory is enough for thousands of series.
 */
export async function readHours(engine: SqlEngine, input: HoursInput): Promise<LeafTable> {
  const hours = Math.max(0, Math.floor((input.now - Date.parse(input.start)) / HOUR_MS));
  const series = new Map<string, LeafSeries>();
  for (let from = 0; from < hours; from += WEEK) {
    const rows = await engine.queryLists(hoursSql(input, { from, to: Math.min(hours, from + WEEK) }));
    for (const row of rows) {
      const name = row.texts.join("\n");
      const leaf = series.get(name) ?? unknownLeaf(row, hours);
      series.set(name, leaf);
      addCosts(leaf.costs, row);
    }
  }
  const names = [...series.keys()].sort();
  const delivered = deliveredHours([...series.values()]);
  const leaves = names.flatMap((name) => {
    const leaf = series.get(name);
    const known = delivered.get(leaf?.provider ?? "");
    return leaf === undefined || known === undefined || known.last < hours - ENDED_AFTER
      ? []
      : [completed(leaf, known)];
  });
  return { by: input.by, start: input.start, days: hours, step: HOUR_MS, leaves };
}

/** Hours by index, the end exclusive. */
function hoursSql({ hourlyRelation, by, start }: HoursInput, { from, to }: { from: number; to: number }): string {
  const keys = by.map((name, index) => `${sqlName(name)} AS k${index}`);
  const names = ["currency", "provider", ...by.map((_name, index) => `k${index}`)].join(", ");
  const hour = (index: number) =>
    `TIMESTAMP ${sqlText(new Date(Date.parse(start) + index * HOUR_MS).toISOString().slice(0, 19))}`;
  return `SELECT ${names}, list(place) AS places, list(cost) AS costs FROM (
SELECT ${["currency", "provider", ...keys].join(", ")}, date_diff('hour', ${hour(0)}, hour)::DOUBLE AS place, cost
FROM ${sqlName(hourlyRelation)} WHERE hour >= ${hour(from)} AND hour < ${hour(to)})
GROUP BY ${names}`;
}

/** Columns as `hoursSql` names them. */
function unknownLeaf({ texts }: SqlLists, hours: number): LeafSeries {
  const [currency, provider, ...values] = texts.map((text) => text ?? "");
  const costs = new Float64Array(hours).fill(Number.NaN);
  return { currency: String(currency), provider: String(provider), values, costs };
}

/** Parts of one hour (regions, sources) are added in the order of their size, so that they give the same sum in whatever order they are read. */
function addCosts(costs: Float64Array, { lists: [places = NOTHING, amounts = NOTHING] }: SqlLists): void {
  const order = isOncePerHour(places)
    ? amounts.keys()
    : [...amounts.keys()].sort((a, b) => at(amounts, a) - at(amounts, b));
  for (const index of order) {
    const place = at(places, index);
    const before = at(costs, place);
    costs[place] = (Number.isNaN(before) ? 0 : before) + at(amounts, index);
  }
}

const NOTHING = new Float64Array();

function isOncePerHour(places: Float64Array): boolean {
  if (places.length > WEEK) return false;
  const seen = new Uint8Array(WEEK);
  for (const place of places) {
    if (seen[place % WEEK] === 1) return false;
    seen[place % WEEK] = 1;
  }
  return true;
}

interface Delivered {
  first: number;
  last: number;
}

function deliveredHours(leaves: readonly LeafSeries[]): Map<string, Delivered> {
  const delivered = new Map<string, Delivered>();
  for (const { provider, costs } of leaves) {
    const known = delivered.get(provider) ?? { first: costs.length, last: -1 };
    delivered.set(provider, known);
    known.first = Math.min(
      known.first,
      costs.findIndex((cost) => !Number.isNaN(cost)),
    );
    known.last = Math.max(
      known.last,
      costs.findLastIndex((cost) => !Number.isNaN(cost)),
    );
  }
  return delivered;
}

function completed(leaf: LeafSeries, { first, last }: Delivered): LeafSeries {
  for (let hour = first; hour <= last; hour += 1) if (Number.isNaN(at(leaf.costs, hour))) leaf.costs[hour] = 0;
  return leaf;
}
