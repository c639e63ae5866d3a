import type { Leaves } from "./types.ts";

export interface LeafRow {
  /** One value per dimension. */
  values: readonly string[];
  expected: number;
  actual: number;
}

/** Leaves in columns. Rows with the same values stay apart; they are in every group together. */
export function createLeaves(dimensions: readonly string[], rows: readonly LeafRow[]): Leaves {
  const values = dimensions.map((): string[] => []);
  const codes = dimensions.map((_, d) => {
    const known = new Map<string, number>();
    const own = values[d] ?? [];
    return Int32Array.from(rows, (row) => codeOf(known, own, row.values[d] ?? ""));
  });
  return {
    dimensions,
    values,
    codes,
    expected: Float64Array.from(rows, ({ expected }) => expected),
    actual: Float64Array.from(rows, ({ actual }) => actual),
  };
}

function codeOf(known: Map<string, number>, values: string[], value: string): number {
  const code = known.get(value);
  if (code !== undefined) return code;
  known.set(value, values.length);
  values.push(value);
  return values.length - 1;
}
