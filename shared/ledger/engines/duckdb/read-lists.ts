import type { DuckDBListVector, DuckDBResult, DuckDBVector } from "@duckdb/node-api";
import type { SqlLists } from "../../../ports/sql-engine.ts";

/** Every row of a result whose columns are VARCHAR or DOUBLE[], chunk by chunk, so that no number becomes an object. */
export async function readLists(result: DuckDBResult): Promise<SqlLists[]> {
  const rows: SqlLists[] = [];
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const columns = Array.from({ length: chunk.columnCount }, (_none, index) => chunk.getColumnVector(index));
    for (let row = 0; row < chunk.rowCount; row += 1) rows.push(readRow(columns, row));
  }
  return rows;
}

function readRow(columns: readonly DuckDBVector[], row: number): SqlLists {
  const texts: (string | null)[] = [];
  const lists: Float64Array[] = [];
  for (const column of columns) {
    if (isList(column)) lists.push(numbers(column, row));
    else texts.push(text(column.getItem(row)));
  }
  return { texts, lists };
}

function isList(column: DuckDBVector): column is DuckDBListVector {
  return "getItemVector" in column;
}

/** From the vector that all lists of a column share: one vector for each list would be more work than its numbers. */
function numbers(column: DuckDBListVector, row: number): Float64Array {
  const [items, offset] = [column.childVector, column.getEntryOffset(row)];
  const values = new Float64Array(column.getEntryLength(row));
  for (let index = 0; index < values.length; index += 1) {
    const item: unknown = items.getItem(offset + index);
    values[index] = typeof item === "number" ? item : Number.NaN;
  }
  return values;
}

function text(item: unknown): string | null {
  return item === null ? null : String(item);
}
