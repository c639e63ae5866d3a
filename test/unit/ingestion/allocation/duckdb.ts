import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { readLists } from "../../../../shared/ledger/engines/duckdb/read-lists.ts";
import type { SqlEngine, SqlRow } from "../../../../shared/ports/sql-engine.ts";

/** DuckDB without the money functions: allocation needs none. */
export async function openDuckDb(): Promise<SqlEngine> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection: DuckDBConnection = await instance.connect();
  return {
    run: async (sql) => {
      await connection.run(sql);
    },
    query: async (sql, parameters = []) => {
      const reader = await connection.runAndReadAll(sql, [...parameters]);
      return reader.getRowObjectsJson() as SqlRow[];
    },
    queryLists: async (sql) => readLists(await connection.run(sql)),
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
