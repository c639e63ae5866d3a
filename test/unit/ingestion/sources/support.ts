import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SourceConfigOf } from "../../../../shared/config/types.ts";
import { stageFile } from "../../../../shared/ingestion/input/stage-file.ts";
import type { StagedFile } from "../../../../shared/ingestion/input/staged-file.ts";
import type { Bill, FileSource, FileSourceType, SourceLocation } from "../../../../shared/ingestion/sources/bill.ts";
import { createDuckDbEngine } from "../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { SqlEngine, SqlRow } from "../../../../shared/ports/sql-engine.ts";

/** A bill for a test: a file of `test/fixtures/billing` (or any path), or a text under a name. */
export interface TestFile {
  role?: SourceLocation["role"];
  path?: string;
  name?: string;
  content?: string | Uint8Array;
}

export interface MappedBill {
  rows: SqlRow[];
  control: SqlRow[];
  accounting: SqlRow[];
  /** What the checks found: message → offending rows, only where there are any. */
  checks: Record<string, SqlRow[]>;
  bill: Bill;
}

export const FIXTURES: string = path.resolve(import.meta.dirname, "../../../fixtures/billing");

const progress = { report: () => undefined, note: () => undefined };

/** Opens files with a source in a fresh engine, and hands the open bill to `use`. */
export async function withBill<T extends FileSourceType, R>(
  source: FileSource<T>,
  config: SourceConfigOf<T>,
  files: readonly TestFile[],
  use: (bill: Bill, engine: SqlEngine) => Promise<R>,
): Promise<R> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-source-"));
  const engine = await createDuckDbEngine({ tempDir: path.join(folder, "engine") });
  try {
    const staged = await Promise.all(files.map((file, index) => stage(file, index, folder)));
    const roles = [...new Set(files.map((file) => file.role ?? "bill"))];
    const deliveries = roles.map((role) => ({
      role,
      files: staged.filter((_, index) => (files[index]?.role ?? "bill") === role),
    }));
    return await use(await source.open({ engine, source: config, deliveries, progress }), engine);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything a source says about files. */
export async function mapFiles<T extends FileSourceType>(
  source: FileSource<T>,
  config: SourceConfigOf<T>,
  files: readonly TestFile[],
): Promise<MappedBill> {
  return withBill(source, config, files, async (bill, engine) => {
    const checks: Record<string, SqlRow[]> = {};
    for (const check of bill.checks) {
      const found = await engine.query(check.sql);
      if (found.length > 0) checks[check.message] = found;
    }
    return {
      rows: await engine.query(bill.mapping),
      control: bill.control === undefined ? [] : await engine.query(bill.control),
      accounting: await engine.query(bill.accounting),
      checks,
      bill,
    };
  });
}

async function stage(file: TestFile, index: number, folder: string): Promise<StagedFile> {
  const target = file.path ?? path.join(folder, `given-${index}`, file.name ?? "bill.csv");
  if (file.content !== undefined) {
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.content);
  }
  const info = await stat(target);
  const located = { path: target, name: path.basename(target), sizeBytes: info.size, modifiedAt: info.mtime };
  return stageFile(located, index, { workDir: folder, maxBytes: 1e9, progress });
}
