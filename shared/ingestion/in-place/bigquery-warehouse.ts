import type { BigQueryRow } from "../../ports/billing-apis.ts";
import { type BigQueryTable, tableSql } from "../tables/bigquery-table.ts";
import type { CappedQueries } from "../tables/capped-query.ts";
import { bigQueryDialect } from "./dialect.ts";
import type { TextRow, Warehouse } from "./warehouse.ts";

/** A BigQuery table; no query reads more than the source's `maximumBytesBilled`. */
export function createBigQueryWarehouse(
  table: BigQueryTable,
  queries: CappedQueries,
  { loadedByGoogle }: { loadedByGoogle: boolean },
): Warehouse {
  return {
    name: `BigQuery table ${table.id}`,
    from: tableSql(table.id),
    columns: table.columns,
    dialect: bigQueryDialect,
    // Google loads no row of a month before it begins (in Los Angeles, which is later than in UTC). Partitions of others mean what they like.
    pruning: (period) =>
      table.byIngestion && loadedByGoogle ? [`_PARTITIONTIME >= TIMESTAMP '${period}-01 00:00:00'`] : [],
    query: async (what, sql) => textRows((await queries.run(what, sql)).rows),
    summary: () => queries.summary(),
  };
}

async function* textRows(rows: AsyncIterable<BigQueryRow>): AsyncIterable<TextRow> {
  for await (const row of rows) {
    yield new Map(
      Object.entries(row).map(([name, value]) => [name.toLowerCase(), value === null ? null : String(value)]),
    );
  }
}
