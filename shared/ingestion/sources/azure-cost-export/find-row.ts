import type { Place } from "../../../core/errors.ts";
import { type SqlEngine, sqlText } from "../../../ports/sql-engine.ts";
import type { RawTable } from "../../input/raw-table.ts";
import { canonicalName } from "./columns.ts";

/** Where a text stands first in one of the named columns: file, row and column as delivered. */
export async function findRow(
  engine: SqlEngine,
  tables: readonly RawTable[],
  columns: readonly string[],
  text: string,
): Promise<Place> {
  await engine.run("SET preserve_insertion_order = true");
  try {
    for (const table of tables) {
      for (const column of table.columns) {
        if (!columns.includes(canonicalName(column.header) ?? "")) continue;
        const [found] = await engine.query(`
          WITH numbered AS MATERIALIZED (SELECT filename, ${column.ref}::VARCHAR AS text, row_number() OVER () AS n FROM ${table.from}),
          firsts AS (SELECT filename, min(n) AS first FROM numbered GROUP BY filename)
          SELECT filename, (n - first + 1)::INTEGER AS "row" FROM numbered JOIN firsts USING (filename)
          WHERE text = ${sqlText(text)} ORDER BY n LIMIT 1`);
        if (found === undefined) continue;
        const file = table.files.find(({ readPath }) => readPath === found["filename"]);
        return { ...(file === undefined ? {} : { file: file.name }), row: Number(found["row"]), column: column.header };
      }
    }
    return {};
  } finally {
    await engine.run("SET preserve_insertion_order = false");
  }
}
