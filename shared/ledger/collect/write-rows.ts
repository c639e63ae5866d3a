import { mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type SqlEngine, sqlText } from "../../ports/sql-engine.ts";

/** Rows per Parquet row group: small groups are what keeps memory flat (L7). */
const ROW_GROUP_ROWS = 16_384;
/** A part of this size is read in parallel and downloaded in one piece. */
const PART_BYTES = "256MB";

/** Writes a SELECT as zstd Parquet files, or as one, into a folder and gives back their paths, in order. */
export async function writeParquet(
  engine: SqlEngine,
  select: string,
  folder: string,
  oneFile = false,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  if (oneFile) {
    const file = path.join(folder, "rows.parquet");
    await writeParquetFile(engine, select, file);
    return [file];
  }
  await copy(engine, select, folder, `, FILE_SIZE_BYTES '${PART_BYTES}', OVERWRITE_OR_IGNORE true`);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".parquet")).sort();
  return names.map((name) => path.join(folder, name));
}

/** Writes a SELECT as one zstd Parquet file, however large. */
export function writeParquetFile(engine: SqlEngine, select: string, file: string): Promise<void> {
  return copy(engine, select, file, "");
}

function copy(engine: SqlEngine, select: string, target: string, options: string): Promise<void> {
  const format = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
  return engine.run(`COPY (${select}) TO ${sqlText(target)} (${format}${options})`);
}

/** `read_parquet([...])` over local files. */
export function parquetOf(paths: readonly string[], options = ""): string {
  return `read_parquet([${paths.map(sqlText).join(", ")}]${options})`;
}

export async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
