import { at } from "../../../core/at.ts";
import type { LeafDimension, Leaves } from "./types.ts";

export interface LeafRow {
  /** One value per dimension. */
  values: readonly string[];
  expected: number;
  actual: number;
}

/** Leaves in columns. Rows with the same values stay apart; they are in every group together. */
export function createLeaves(dimensions: readonly string[], rows: readonly LeafRow[]): Leaves {
  return {
    dimensions: dimensions.map((name, d) =>
      dimensionOf(
        name,
        rows.map(({ values }) => values[d] ?? ""),
      ),
    ),
    expected: Float64Array.from(rows, ({ expected }) => expected),
    actual: Float64Array.from(rows, ({ actual }) => actual),
  };
}

function dimensionOf(name: string, texts: readonly string[]): LeafDimension {
  const values = [...new Set(texts)];
  const numbers = new Map(values.map((value, number) => [value, number]));
  return { name, values, codes: Int32Array.from(texts, (text) => numbers.get(text) ?? 0) };
}

/** The value that a leaf has in a dimension. */
export function valueOfLeaf({ values, codes }: LeafDimension, leaf: number): string {
  return values[at(codes, leaf)] ?? "";
}
