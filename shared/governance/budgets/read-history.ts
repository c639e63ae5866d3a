import { type Day, daysBetween } from "../../core/period.ts";
import type { LagModel } from "../../ledger/completeness/lag-model.ts";
import type { SqlEngine, SqlLists } from "../../ports/sql-engine.ts";
import { measureColumn, measuresOf } from "./cost-query.ts";
import { HISTORY_DAYS, historySql } from "./history-query.ts";
import type { Cover, DayTable, Shape, ShapedInstances, ShapeKey } from "./shapes.ts";
import type { BudgetInstance } from "./types.ts";

/** Daily cost of a budget's scope in one currency. */
export interface ScopeDays {
  currency: string;
  /** By the day from `historyStart` on, also of days to come for which something is reported. Undefined: nothing of that kind. */
  usage: Float64Array | undefined;
  recurring: Float64Array | undefined;
  /** Cost of the last weeks per provider, for how complete newest days are. Metered cost counts under no provider. */
  providers: ReadonlyMap<string, number>;
}

export interface History {
  /** Per instance and currency; instances of the same scope and measure share one list. */
  scopes: readonly (readonly ScopeDays[])[];
  /** The last day before today of which each provider has delivered anything, in days from `historyStart`. */
  delivered: ReadonlyMap<string, number>;
}

export interface HistoryInput {
  instances: readonly BudgetInstance[];
  /** `shapeInstances(instances)`. */
  shaped: ShapedInstances;
  lags: LagModel;
  today: Day;
}

/** Cost of so many days says how much a provider weighs. */
const WEIGHED_DAYS = 28;
const FIXED_KEYS = 4;
/** Characters that no value has, for names of several values. */
const SEPARATOR = "\u0000";
const NO_VALUE = "\u0001";

/** Daily costs of all instances: one query per table. */
export async function readHistory(
  engine: SqlEngine,
  input: HistoryInput,
  tables: readonly DayTable[],
): Promise<History> {
  const { shapes, keys } = input.shaped;
  const wanted = scopesByKey(shapes, keys, input.instances.length);
  const read: { cover: Cover; rows: SqlLists[] }[] = [];
  for (const table of tables) {
    read.push({ cover: table.cover, rows: inOrder(await engine.queryLists(historySql(table, input.today))) });
  }
  const days = reportedDays(
    read.flatMap(({ rows }) => rows),
    longestDays(input),
  );
  const collection: Collection = { scopes: new Map(), delivered: new Map(), days };
  for (const { cover, rows } of read) {
    const measures = [...measuresOf(cover).keys()];
    const asked = cover.shapes.map((shape) => ({
      list: 1 + measures.indexOf(measureColumn(shape.measure)),
      places: shape.dimensions.map((name) => FIXED_KEYS + cover.dimensions.indexOf(name)),
      accepted: wanted.byShape[shapes.indexOf(shape)] ?? new Map<string, string[]>(),
    }));
    for (const row of rows) {
      noteDelivery(collection.delivered, row);
      for (const { places, list, accepted } of asked) {
        const scopes = accepted.get(textOf(places.map((place) => row.texts[place] ?? null))) ?? [];
        for (const scope of scopes) collect(collection, scope, row, row.lists[list] ?? NO_COSTS);
      }
    }
  }
  const byScope = new Map([...collection.scopes].map(([scope, parts]) => [scope, [...parts.values()]]));
  return { scopes: wanted.ofInstance.map((scope) => byScope.get(scope) ?? []), delivered: collection.delivered };
}

const NO_COSTS = new Float64Array();

interface Collection {
  /** Scope → currency → days. */
  scopes: Map<string, Map<string, Collected>>;
  delivered: Map<string, number>;
  /** Length of every series. */
  days: number;
}

interface Collected extends ScopeDays {
  usage: Float64Array | undefined;
  recurring: Float64Array | undefined;
  providers: Map<string, number>;
}

/** Up to the end of the period that ends last. */
function longestDays({ instances, today }: HistoryInput): number {
  const ends = instances.map(({ period }) => daysBetween(today, period.end));
  return HISTORY_DAYS + Math.max(1, ...ends);
}

/** As far as anything is reported: a period may end in many years. */
function reportedDays(rows: readonly SqlLists[], most: number): number {
  let newest = HISTORY_DAYS;
  for (const { lists } of rows) for (const day of lists[0] ?? NO_COSTS) if (day > newest) newest = day;
  return Math.min(most, newest + 1);
}

interface Wanted {
  /** Per shape: values of its dimensions → scopes that accept them. */
  byShape: Map<string, string[]>[];
  /** Names the scope and measure of each instance. */
  ofInstance: string[];
}

function scopesByKey(shapes: readonly Shape[], keys: readonly ShapeKey[], instances: number): Wanted {
  const values = Array.from({ length: instances }, () => [] as string[]);
  const shapeOf = new Map<number, number>();
  for (const { s, i, v } of keys) {
    values[i]?.push(textOf(v));
    shapeOf.set(i, s);
  }
  const ofInstance = values.map((texts, i) => JSON.stringify([shapeOf.get(i) ?? -1, ...texts.sort()]));
  const byShape = shapes.map(() => new Map<string, string[]>());
  const seen = new Set<string>();
  for (const [i, scope] of ofInstance.entries()) {
    if (seen.has(scope)) continue;
    seen.add(scope);
    const accepted = byShape[shapeOf.get(i) ?? -1];
    for (const text of values[i] ?? []) accepted?.set(text, [...(accepted.get(text) ?? []), scope]);
  }
  return { byShape, ofInstance };
}

function textOf(values: readonly (string | null)[]): string {
  return values.map((value) => value ?? NO_VALUE).join(SEPARATOR);
}

function noteDelivery(delivered: Map<string, number>, { texts, lists }: SqlLists): void {
  const [provider, , metered] = texts;
  if (metered === "metered") return;
  let newest = delivered.get(provider ?? "") ?? -1;
  for (const day of lists[0] ?? []) if (day > newest && day < HISTORY_DAYS) newest = day;
  delivered.set(provider ?? "", newest);
}

function collect({ scopes, days: length }: Collection, scope: string, row: SqlLists, costs: Float64Array): void {
  const [provider, currency, metered, kind] = row.texts;
  const parts = getOrAdd(scopes, scope, () => new Map<string, Collected>());
  const part = getOrAdd(parts, currency ?? "", () => noDays(currency ?? ""));
  const field = kind === "recurring" ? "recurring" : "usage";
  const into = part[field] ?? new Float64Array(length);
  part[field] = into;
  const recent = addCosts(into, row.lists[0] ?? NO_COSTS, costs);
  const name = metered === "metered" ? "" : (provider ?? "");
  part.providers.set(name, (part.providers.get(name) ?? 0) + recent);
}

function noDays(currency: string): Collected {
  return { currency, usage: undefined, recurring: undefined, providers: new Map() };
}

export function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

/** Returns the cost of the last weeks. */
function addCosts(into: Float64Array, days: Float64Array, costs: Float64Array): number {
  let recent = 0;
  for (let index = 0; index < days.length; index += 1) {
    const [day, cost] = [days[index] ?? 0, costs[index] ?? 0];
    if (day < into.length) into[day] = (into[day] ?? 0) + cost;
    if (day >= HISTORY_DAYS - WEIGHED_DAYS && day < HISTORY_DAYS) recent += cost;
  }
  return recent;
}

/** By their texts, so that floating-point sums come out the same whatever order the engine answers in. */
function inOrder(rows: readonly SqlLists[]): SqlLists[] {
  const named = rows.map((row) => ({ row, name: textOf(row.texts) }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ row }) => row);
}
