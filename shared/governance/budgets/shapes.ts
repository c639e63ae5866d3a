import type { Budget, CostBasis } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Scope } from "../../core/finding.ts";
import { type Day, type Month, monthOf } from "../../core/period.ts";
import type { BudgetInstance } from "./types.ts";

/** What budgets of one shape have in common. */
interface Form {
  dimensions: readonly string[];
  cost: CostBasis;
  include: readonly string[];
  exclude: readonly string[];
}

/** Budgets that are answered by one join: the same scoped dimensions, cost and charge categories. */
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

export function shapeInstances(instances: readonly BudgetInstance[]): { shapes: Shape[]; keys: ShapeKey[] } {
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
    cost: budget.cost,
    include: [...new Set(budget.includeCategories)].sort(),
    exclude: [...new Set(budget.excludeCategories)].sort(),
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
  costs: readonly CostBasis[];
  byCategory: boolean;
}

/** Beyond so many scans, one scan with all columns is cheaper than one scan per cover. */
const MAX_COVERS = 6;
/** Two sets are put together only up to so many dimensions: more make too many groups. */
const MAX_JOINED = 3;

/**
 * Few column sets that hold all shapes. Reducing the cube to a few dimensions at a time makes far fewer groups than reducing it once to
 * all dimensions that any budget names.
 */
export function coverShapes(shapes: readonly Shape[]): Cover[] {
  const groups: { dimensions: string[]; shapes: Shape[] }[] = [];
  for (const shape of [...shapes].sort((a, b) => b.dimensions.length - a.dimensions.length)) {
    const home =
      groups.find((group) => union(group.dimensions, shape.dimensions).length === group.dimensions.length) ??
      groups.find((group) => joins(group.dimensions, shape.dimensions));
    if (home === undefined) groups.push({ dimensions: [...shape.dimensions], shapes: [shape] });
    else {
      home.dimensions = union(home.dimensions, shape.dimensions);
      home.shapes.push(shape);
    }
  }
  return groups.length > MAX_COVERS ? [coverOf(shapes)] : groups.map((group) => coverOf(group.shapes));
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}

/** Sets that share a dimension and stay small. */
function joins(a: readonly string[], b: readonly string[]): boolean {
  const { length } = union(a, b);
  return length < a.length + b.length && length <= MAX_JOINED;
}

/** One cover for all of `shapes`. */
export function coverOf(shapes: readonly Shape[]): Cover {
  return {
    shapes,
    dimensions: [...new Set(shapes.flatMap((shape) => shape.dimensions))].sort(),
    costs: [...new Set(shapes.map((shape) => shape.cost))].sort(),
    byCategory: shapes.some((shape) => shape.include.length + shape.exclude.length > 0),
  };
}
