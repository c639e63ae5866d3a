import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openRawTables, type RawTable } from "../../../../shared/ingestion/input/raw-table.ts";
import { type StageOptions, stageFile } from "../../../../shared/ingestion/input/stage-file.ts";
import type { StagedFile } from "../../../../shared/ingestion/input/staged-file.ts";
import { createDuckDbEngine } from "../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type SqlEngine, sqlName } from "../../../../shared/ports/sql-engine.ts";

export interface Bench {
  folder: string;
  engine: SqlEngine;
  /** Writes a file and stages it. */
  stage(name: string, content: string | Uint8Array, options?: Partial<StageOptions>): Promise<StagedFile>;
  stagePath(name: string, options?: Partial<StageOptions>): Promise<StagedFile>;
  /** Rows as `{header: value}`; repeated headers get `#2`. */
  read(...files: StagedFile[]): Promise<Record<string, unknown>[]>;
}

/** A folder and an engine for one test. */
export async function withBench<T>(use: (bench: Bench) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-input-"));
  const engine = await createDuckDbEngine({ tempDir: path.join(folder, "engine"), threads: 1 });
  let index = 0;
  const stagePath: Bench["stagePath"] = async (name, options = {}) => {
    const file = path.join(folder, name);
    const info = await stat(file);
    const progress = { report: () => undefined, note: () => undefined };
    return stageFile({ path: file, name, sizeBytes: info.size, modifiedAt: info.mtime }, index++, {
      workDir: folder,
      maxBytes: 4e9,
      progress,
      ...options,
    });
  };
  try {
    return await use({
      folder,
      engine,
      stagePath,
      async stage(name, content, options) {
        await writeFile(path.join(folder, name), content);
        return stagePath(name, options);
      },
      async read(...files) {
        const tables = await openRawTables(engine, files);
        const rows: Record<string, unknown>[] = [];
        for (const table of tables) rows.push(...(await readTable(engine, table)));
        return rows;
      },
    });
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readTable(engine: SqlEngine, table: RawTable): Promise<Record<string, unknown>[]> {
  const seen = new Map<string, number>();
  const columns = table.columns.map(({ header, ref }) => {
    const count = (seen.get(header.toLowerCase()) ?? 0) + 1;
    seen.set(header.toLowerCase(), count);
    return `${ref} AS ${sqlName(count === 1 ? header : `${header}#${count}`)}`;
  });
  return engine.query(`SELECT ${columns.join(", ")} FROM ${table.from}`);
}
