import type { DuckDBConnection, DuckDBDecimal16Vector, DuckDBVector } from "@duckdb/node-api";
import {
  type Decimal,
  divide,
  fromScaled,
  multiply,
  multiplyDivide,
  SCALE,
  tryParseDecimal,
} from "../../../core/decimal.ts";

type DuckDbModule = typeof import("@duckdb/node-api");

/**
 * Registers the exact arithmetic that DuckDB lacks: its casts round half-up, its division gives DOUBLE and its products overflow.
 * All of them call the one helper in `shared/core/decimal.ts`. Null in, null out.
 */
export function registerExactFunctions(connection: DuckDBConnection, duckdb: DuckDbModule): void {
  const decimal = duckdb.DECIMAL(38, SCALE);
  const arithmetic: readonly (readonly [string, number, (values: Decimal[]) => Decimal])[] = [
    ["times", 2, ([a, b]) => multiply(a as Decimal, b as Decimal)],
    ["over", 2, ([a, b]) => divide(a as Decimal, b as Decimal)],
    ["times_over", 3, ([a, b, c]) => multiplyDivide(a as Decimal, b as Decimal, c as Decimal)],
  ];
  for (const [name, count, compute] of arithmetic) {
    connection.registerScalarFunction(
      duckdb.DuckDBScalarFunction.create({
        name,
        parameterTypes: Array.from({ length: count }, () => decimal),
        returnType: decimal,
        mainFunction(info, input, output) {
          const columns = Array.from({ length: count }, (_, index) => input.getColumnVector(index));
          fill(info, output, input.rowCount, (row) => computeRow(columns, row, compute));
        },
      }),
    );
  }
  connection.registerScalarFunction(
    duckdb.DuckDBScalarFunction.create({
      name: "money_from_text",
      parameterTypes: [duckdb.VARCHAR],
      returnType: decimal,
      mainFunction(info, input, output) {
        const column = input.getColumnVector(0);
        fill(info, output, input.rowCount, (row) => parseText(column.getItem(row)));
      },
    }),
  );

  function fill(
    info: { setError(error: string): void },
    output: DuckDBVector,
    count: number,
    valueAt: (row: number) => Decimal | null,
  ): void {
    const vector = output as DuckDBDecimal16Vector;
    try {
      for (let row = 0; row < count; row++) {
        const value = valueAt(row);
        vector.setItem(row, value === null ? null : new duckdb.DuckDBDecimalValue(value, 38, SCALE));
      }
    } catch (error) {
      info.setError(error instanceof Error ? error.message : String(error));
    }
    output.flush();
  }
}

function computeRow(
  columns: readonly DuckDBVector[],
  row: number,
  compute: (values: Decimal[]) => Decimal,
): Decimal | null {
  const values: Decimal[] = [];
  for (const column of columns) {
    const item = column.getItem(row) as { value: bigint } | null;
    if (item === null) return null;
    values.push(fromScaled(item.value));
  }
  return compute(values);
}

/** The message begins with `not a number: ` so that the reader can point to the row (see `shared/ingestion/input/refusals.ts`). */
function parseText(item: unknown): Decimal | null {
  if (item === null) return null;
  const text = String(item);
  const value = tryParseDecimal(text);
  if (value === undefined) throw new RangeError(`not a number: ${JSON.stringify(text.slice(0, 60))}`);
  return value;
}
