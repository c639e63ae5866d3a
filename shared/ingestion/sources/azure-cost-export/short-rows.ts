import { messageOf } from "../../../core/errors.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import type { RawTable } from "../../input/raw-table.ts";

/**
 * Trimmed exports exist whose header names more columns than any row has. Where the first row lacks the last columns, the whole file is read
 * without them, still strictly: a row of another length stays an error.
 */
export async function withoutAbsentColumns(engine: SqlEngine, table: RawTable): Promise<RawTable> {
  if (!table.from.startsWith("read_csv(")) return table;
  try {
    await engine.query(`SELECT 1 FROM ${table.from} LIMIT 1`);
    return table;
  } catch (error) {
    const [, line, expected, found] =
      /CSV Error on Line: (\d+)[\s\S]*Expected Number of Columns: (\d+) Found: (\d+)/.exec(messageOf(error)) ?? [];
    if (line !== "2" || Number(expected) !== table.columns.length || Number(found) >= table.columns.length)
      return table;
    return shortened(table, Number(found));
  }
}

function shortened(table: RawTable, count: number): RawTable {
  const absent = table.columns.slice(count).map(({ ref }) => `, ${ref}: 'VARCHAR'`);
  const from = absent.reduce((text, declaration) => text.replace(declaration, ""), table.from);
  return {
    files: table.files,
    from: from.replace("header = true", "header = false, skip = 1"),
    columns: table.columns.slice(0, count),
  };
}
