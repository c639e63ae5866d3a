import { at } from "../../../core/at.ts";
import { type Day, daysBetween } from "../../../core/period.ts";
import { type SqlEngine, type SqlLists, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import type { LeafSeries, LeafTable } from "./types.ts";

/** A provider that has delivered nothing for so long has ended, or is broken and reported as such: it is not watched. */
const ENDED_AFTER_DAYS = 10;

export interface LeafInput {
  cubeRelation: string;
  by: readonly string[];
  /** Days to read, the end exclusive. */
  start: Day;
  end: Day;
}

/**
 * All leaves by one query, as numbers. Only the charge category Usage: purchases, taxes, credits, refunds and adjustments never enter a
 * series of use. Sums are made in decimals, so that the same rows give the same numbers in whatever order they are read.
 */
export async function readLeaves(engine: SqlEngine, input: LeafInput): Promise<LeafTable> {
  const days = Math.max(0, daysBetween(input.start, input.end));
  const rows = await engine.queryLists(leavesSql(input));
  const delivered = deliveredDays(rows, days);
  const leaves = rows.flatMap((row) => {
    const known = delivered.get(providerOf(row));
    return known === undefined || hasEnded(known) ? [] : [{ name: row.texts.join("\n"), leaf: leafOf(row, known) }];
  });
  leaves.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { by: input.by, start: input.start, days, leaves: leaves.map(({ leaf }) => leaf) };
}

function leavesSql({ cubeRelation, by, start, end }: LeafInput): string {
  const keys = by.map((name, index) => `CAST(${sqlName(name)} AS VARCHAR) AS k${index}`);
  const names = ["currency", "provider", ...by.map((_name, index) => `k${index}`)].join(", ");
  return `SELECT ${names}, list(day) AS days, list(cost) AS costs FROM (
SELECT ${["currency", "provider", ...keys].join(", ")}, (date - DATE ${sqlText(start)})::DOUBLE AS day, sum(effective)::DOUBLE AS cost
FROM ${sqlName(cubeRelation)}
WHERE charge_category = 'Usage' AND date >= DATE ${sqlText(start)} AND date < DATE ${sqlText(end)} GROUP BY ALL)
GROUP BY ${names}`;
}

/** Per provider, 1 for every day of which it has delivered any usage. */
function deliveredDays(rows: readonly SqlLists[], days: number): Map<string, Uint8Array> {
  const delivered = new Map<string, Uint8Array>();
  for (const row of rows) {
    const provider = providerOf(row);
    const known = delivered.get(provider) ?? new Uint8Array(days);
    delivered.set(provider, known);
    for (const day of listAt(row, 0)) known[day] = 1;
  }
  return delivered;
}

function hasEnded(known: Uint8Array): boolean {
  return known.lastIndexOf(1) < known.length - ENDED_AFTER_DAYS;
}

function leafOf(row: SqlLists, known: Uint8Array): LeafSeries {
  const [days, amounts] = [listAt(row, 0), listAt(row, 1)];
  const costs = Float64Array.from(known, (isKnown) => (isKnown === 1 ? 0 : Number.NaN));
  for (let index = 0; index < days.length; index += 1) costs[at(days, index)] = at(amounts, index);
  const [currency, provider, ...values] = row.texts.map((text) => text ?? "");
  return { currency: String(currency), provider: String(provider), values, costs };
}

/** Columns as `leavesSql` names them. */
function providerOf({ texts }: SqlLists): string {
  return String(texts[1] ?? "");
}

function listAt({ lists }: SqlLists, column: 0 | 1): Float64Array {
  return lists[column] as Float64Array;
}
