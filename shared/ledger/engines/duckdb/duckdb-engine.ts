import { mkdir, rm } from "node:fs/promises";
import { GenOpsError, messageOf } from "../../../core/errors.ts";
import { type SqlEngine, type SqlRow, sqlText } from "../../../ports/sql-engine.ts";
import { registerExactFunctions } from "./exact-functions.ts";
import { MONEY_MACROS, TIME_MACROS } from "./macros.ts";
import { readLists } from "./read-lists.ts";

export interface DuckDbOptions {
  /** Private folder for what does not fit into memory; created, and removed by `close`. */
  tempDir: string;
  /** DuckDB's `memory_limit`, e.g. `512MB`. */
  memoryLimit?: string;
  threads?: number;
}

/** A `SqlEngine` on embedded DuckDB. The native library is loaded on first use, so functions that never query stay small. */
export async function createDuckDbEngine(options: DuckDbOptions): Promise<SqlEngine> {
  const duckdb = await import("@duckdb/node-api");
  await mkdir(options.tempDir, { recursive: true });
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const statement of settings(options)) await guarded(statement, () => connection.run(statement));
  registerExactFunctions(connection, duckdb);
  for (const macro of [...MONEY_MACROS, ...TIME_MACROS]) await connection.run(macro);

  return {
    async run(sql) {
      await guarded(sql, () => connection.run(sql));
    },
    async query(sql, parameters = []) {
      const reader = await guarded(sql, () => connection.runAndReadAll(sql, [...parameters]));
      return reader.getRowObjectsJson() as SqlRow[];
    },
    async queryLists(sql) {
      const result = await guarded(sql, () => connection.run(sql));
      return guarded(sql, () => readLists(result));
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await rm(options.tempDir, { recursive: true, force: true });
    },
  };
}

function settings(options: DuckDbOptions): string[] {
  return [
    "SET TimeZone = 'UTC'",
    `SET temp_directory = ${sqlText(options.tempDir)}`,
    "SET preserve_insertion_order = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    ...(options.memoryLimit === undefined ? [] : [`SET memory_limit = ${sqlText(options.memoryLimit)}`]),
    ...(options.threads === undefined ? [] : [`SET threads = ${options.threads}`]),
  ];
}

/** DuckDB's own message is kept in `cause` and in the text: callers that read bills translate it into a place. */
async function guarded<T>(sql: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new SqlError(messageOf(error), sql, error);
  }
}

/** The engine refused a statement. `message` is the engine's; `sql` is for debugging and holds no secrets. */
export class SqlError extends GenOpsError {
  readonly sql: string;
  constructor(message: string, sql: string, cause: unknown) {
    super("internal", message, { cause });
    this.name = "SqlError";
    this.sql = sql;
  }
}
