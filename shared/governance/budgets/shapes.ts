import type { Budget, CostBasis } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Scope } from "../../core/finding.ts";
import { type Day, type Month, monthOf } from "../../core/period.ts";
import type { BudgetInstance } from "./types.ts";

/** What is added up: a cost, of these charge categories or without those. */
export interface Measure {
  cost: CostBasis;
  include: readonly string[];
  exclude: readonly string[];
}

/** What budgets of one shape have in common. */
interface Form {
  dimensions: readonly string[];
  measure: Measure;
}

/** Budgets that are answered by one join: the same scoped dimensions and the same measure. */
export interface Shape extends Form {
  /** The earliest charge date and billing period that one of its budgets counts. */
  fromDay: Day | undefined;
  fromMonth: Month | undefined;
}

/** One combination of accepted values of one budget. A cube row equals at most one key of a budget, so nothing counts twice. */
export interface ShapeKey {
  /** Index of the shape. */
  s: number;
  /** Index of the instance. */
  i: number;
  /** One value per dimension of the shape; null where the scope says `""`, which means "has no value". */
  v: readonly (string | null)[];
}

const MAX_KEYS = 20_000;

export interface ShapedInstances {
  shapes: readonly Shape[];
  keys: readonly ShapeKey[];
}

export function shapeInstances(instances: readonly BudgetInstance[]): ShapedInstances {
  const shapes: Shape[] = [];
  const indexes = new Map<string, number>();
  const keys: ShapeKey[] = [];
  for (const [i, { budget, period, basis }] of instances.entries()) {
    const form = formOf(budget);
    const identity = JSON.stringify(form);
    const s = indexes.get(identity) ?? shapes.push({ ...form, fromDay: undefined, fromMonth: undefined }) - 1;
    indexes.set(identity, s);
    const shape = shapes[s];
    if (shape !== undefined && basis === "charge") shape.fromDay = earlier(shape.fromDay, period.start);
    if (shape !== undefined && basis === "billing") shape.fromMonth = earlier(shape.fromMonth, monthOf(period.start));
    for (const v of scopeValues(budget.name, budget.scope, form.dimensions)) keys.push({ s, i, v });
  }
  return { shapes, keys };
}

function earlier(a: string | undefined, b: string): string {
  return a === undefined || b < a ? b : a;
}

function formOf(budget: Budget): Form {
  return {
    dimensions: Object.keys(budget.scope).sort(),
    measure: {
      cost: budget.cost,
      include: [...new Set(budget.includeCategories)].sort(),
      exclude: [...new Set(budget.excludeCategories)].sort(),
    },
  };
}

/** Every combination of the scope's values, each once. */
export function scopeValues(name: string, scope: Scope, dimensions: readonly string[]): (string | null)[][] {
  let combinations: (string | null)[][] = [[]];
  for (const dimension of dimensions) {
    const values = [...new Set(scope[dimension])].map((value) => (value === "" ? null : value));
    if (combinations.length * values.length > MAX_KEYS) {
      throw new GenOpsError("config", `the scope of budget "${name}" has more than ${MAX_KEYS} combinations of values`);
    }
    combinations = combinations.flatMap((start) => values.map((value) => [...start, value]));
  }
  return combinations;
}

/** Columns that the cube is reduced to in one scan, and the shapes that are answered from the reduced rows. */
export interface Cover {
  shapes: readonly Shape[];
  dimensions: readonly string[];
}

/** Beyond so many scans, one scan with all columns is cheaper than one scan per cover. */
const MAX_COVERS = 6;

/** Who pays: an account belongs to a provider and a team, a project to a team, so together they have few combinations. */
const OWNERS: ReadonlySet<string> = new Set([
  "source",
  "provider",
  "account",
  "team",
  "project",
  "environment",
  "cost_center",
]);

/**
 * Few column sets that hold all shapes: one for all owners, one for each set of other dimensions with the owners that its shapes
 * name. Reducing the cube to what goes together makes far fewer groups than reducing it once to all dimensions of all budgets.
 */
export function coverShapes(shapes: readonly Shape[]): Cover[] {
  const groups = Map.groupBy(shapes, ({ dimensions }) => dimensions.filter((name) => !OWNERS.has(name)).join(" "));
  return groups.size > MAX_COVERS ? [coverOf(shapes)] : [...groups.values()].map(coverOf);
}

/** One cover for all of `shapes`. */
export function coverOf(shapes: readonly Shape[]): Cover {
  return { shapes, dimensions: [...new Set(shapes.flatMap((shape) => shape.dimensions))].sort() };
}

/**
 * Recent rows of the cube, reduced once to what budgets of some shapes need of them: day, month, currency, provider, whether metered and
 * whether recurring, dimensions, and one sum per measure. Exact sums and forecasts are read from it.
 */
export interface DayTable {
  name: string;
  /** Its first day. */
  start: Day;
  cover: Cover;
  /** The worth (`lagSql`) of a row as SQL over the table's columns and `date`; undefined where it has to be a column of the table. */
  worth: string | undefined;
}
