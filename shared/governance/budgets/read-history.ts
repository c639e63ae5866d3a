import { type Day, daysBetween } from "../../core/period.ts";
import type { LagModel } from "../../ledger/completeness/lag-model.ts";
import type { SqlEngine, SqlLists } from "../../ports/sql-engine.ts";
import { HISTORY_DAYS, historySql } from "./history-query.ts";
import { type Cover, coverShapes, type Measure, type Shape, shapeInstances } from "./shapes.ts";
import type { BudgetInstance } from "./types.ts";

/** Daily cost of a budget's scope in one currency. */
export interface ScopeDays {
  currency: string;
  /** By the day from `historyStart` on, also of days to come for which something is reported. */
  usage: Float64Array;
  recurring: Float64Array;
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
  cubeRelation: string;
  lags: LagModel;
  today: Day;
}

/** Cost of so many days says how much a provider weighs. */
const WEIGHED_DAYS = 28;
const FIXED_KEYS = 4;

/** Daily costs of all instances: one query per set of dimensions that go together. */
export async function readHistory(engine: SqlEngine, input: HistoryInput): Promise<History> {
  const { shapes, keys } = shapeInstances(input.instances);
  const days = longestDays(input);
  const collected = new Map<string, Map<string, Collected>>();
  const delivered = new Map<string, number>();
  const wanted = scopesByKey(shapes, keys, input.instances.length);
  for (const cover of coverShapes(shapes)) {
    const measures = measuresOf(cover);
    const rows = await engine.queryLists(historySql(cover, measures, input.cubeRelation, input.today));
    for (const row of rows.toSorted(byTexts)) {
      noteDelivery(delivered, row);
      for (const shape of cover.shapes) {
        const costs = row.lists[1 + measures.findIndex((measure) => isSame(measure, shape.measure))];
        const scopes = wanted.byShape[shapes.indexOf(shape)]?.get(keyOf(row, cover, shape));
        if (costs !== undefined) for (const scope of scopes ?? []) collect(collected, scope, row, costs, days);
      }
    }
  }
  const byScope = new Map([...collected].map(([scope, parts]) => [scope, [...parts.values()]]));
  return { scopes: wanted.ofInstance.map((scope) => byScope.get(scope) ?? []), delivered };
}

interface Collected extends ScopeDays {
  providers: Map<string, number>;
}

/** Up to the end of the period that ends last. */
function longestDays({ instances, today }: HistoryInput): number {
  const ends = instances.map(({ period }) => daysBetween(today, period.end));
  return HISTORY_DAYS + Math.max(1, ...ends);
}

interface Wanted {
  /** Per shape: values of its dimensions → scopes that accept them. */
  byShape: Map<string, string[]>[];
  /** Names the scope and measure of each instance. */
  ofInstance: string[];
}

function scopesByKey(
  shapes: readonly Shape[],
  keys: ReturnType<typeof shapeInstances>["keys"],
  instances: number,
): Wanted {
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
  return JSON.stringify(values);
}

function keyOf({ texts }: SqlLists, cover: Cover, shape: Shape): string {
  return textOf(shape.dimensions.map((name) => texts[FIXED_KEYS + cover.dimensions.indexOf(name)] ?? null));
}

function measuresOf({ shapes }: Cover): Measure[] {
  return shapes.reduce<Measure[]>((measures, { measure }) => {
    return measures.some((other) => isSame(other, measure)) ? measures : [...measures, measure];
  }, []);
}

function isSame(a: Measure, b: Measure): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function noteDelivery(delivered: Map<string, number>, { texts, lists }: SqlLists): void {
  const [provider, , metered] = texts;
  if (metered === "metered") return;
  let newest = delivered.get(provider ?? "") ?? -1;
  for (const day of lists[0] ?? []) if (day > newest && day < HISTORY_DAYS) newest = day;
  delivered.set(provider ?? "", newest);
}

function collect(
  collected: Map<string, Map<string, Collected>>,
  scope: string,
  { texts, lists }: SqlLists,
  costs: Float64Array,
  length: number,
): void {
  const [provider, currency, metered, kind] = texts;
  const parts = collected.get(scope) ?? new Map<string, Collected>();
  collected.set(scope, parts);
  const part = parts.get(currency ?? "") ?? {
    currency: currency ?? "",
    usage: new Float64Array(length),
    recurring: new Float64Array(length),
    providers: new Map<string, number>(),
  };
  parts.set(currency ?? "", part);
  const into = kind === "recurring" ? part.recurring : part.usage;
  const [days = new Float64Array()] = lists;
  let recent = 0;
  for (const [index, day] of days.entries()) {
    const cost = costs[index] ?? 0;
    if (day < length) into[day] = (into[day] ?? 0) + cost;
    if (day >= HISTORY_DAYS - WEIGHED_DAYS && day < HISTORY_DAYS) recent += cost;
  }
  const name = metered === "metered" ? "" : (provider ?? "");
  part.providers.set(name, (part.providers.get(name) ?? 0) + recent);
}

function byTexts(a: SqlLists, b: SqlLists): number {
  const [one, other] = [a.texts.join("\n"), b.texts.join("\n")];
  return one < other ? -1 : one > other ? 1 : 0;
}
