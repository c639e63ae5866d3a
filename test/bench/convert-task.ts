import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { stageFile } from "../../shared/ingestion/input/stage-file.ts";
import type { StagedFile } from "../../shared/ingestion/input/staged-file.ts";
import { awsDataExportSource } from "../../shared/ingestion/sources/aws-data-export/index.ts";
import { createDuckDbEngine } from "../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type SqlEngine, sqlText } from "../../shared/ports/sql-engine.ts";
import { mapRowByRow } from "./row-wise.ts";

/** One measured piece of work, run in a process of its own so that its peak memory is its own. Arguments: task, file, work folder. */
export interface TaskResult {
  /** Reading the bill once for control totals, checks and distinct texts (`open`), where the task does it. */
  openMs: number;
  /** Decompressing and checking the input (`stage`), where the task does it. */
  stageMs: number;
  /** The COPY, or the loop over rows. */
  copyMs: number;
  /** Processor time of that, over all threads: hardly depends on what else the machine does. */
  cpuMs: number;
  outputBytes: number;
  rows: number;
  peakMb: number;
}

export type TaskName = "plain" | "ours" | "row-wise";

/** What a session gets: two threads, and as much memory as keeps the whole process below 512 MB. */
const MEMORY_LIMIT = process.env["BENCH_MEMORY_LIMIT"] ?? "350MB";
const ROW_GROUP_SIZE = process.env["BENCH_ROW_GROUP_SIZE"] ?? "16384";
/** zstd's fastest level makes these columns no larger than its default. */
const LEVEL = process.env["BENCH_COMPRESSION_LEVEL"] ?? "1";
const THREADS = 2;

async function runTask(task: TaskName, file: string, workDir: string): Promise<TaskResult> {
  await mkdir(workDir, { recursive: true });
  const result = { openMs: 0, stageMs: 0, copyMs: 0, cpuMs: 0, rows: 0, outputBytes: 0 };
  const target = path.join(workDir, `${task}.out`);
  if (task === "row-wise") {
    await timeCopy(result, () => pipeline([createReadStream(file), ...mapRowByRow(), createWriteStream(target)]));
  } else {
    const engine = await createDuckDbEngine({
      tempDir: path.join(workDir, "engine"),
      threads: THREADS,
      ...(task === "ours" ? { memoryLimit: MEMORY_LIMIT } : {}),
    });
    await (task === "plain" ? copyPlain : copyMapped)(engine, file, workDir, target, result);
    await engine.close();
  }
  result.outputBytes = (await stat(target)).size;
  await rm(workDir, { recursive: true, force: true });
  return { ...result, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) };
}

type Figures = Omit<TaskResult, "peakMb">;

async function copyPlain(
  engine: SqlEngine,
  file: string,
  _workDir: string,
  target: string,
  result: Figures,
): Promise<void> {
  const from = file.endsWith(".parquet") ? "read_parquet" : "read_csv";
  await timeCopy(result, () =>
    engine.run(
      `COPY (SELECT * FROM ${from}(${sqlText(file)})) TO ${sqlText(target)} (FORMAT parquet, COMPRESSION zstd)`,
    ),
  );
  result.rows = await countRows(engine, target);
}

async function copyMapped(
  engine: SqlEngine,
  file: string,
  workDir: string,
  target: string,
  result: Figures,
): Promise<void> {
  const progress = { report: () => undefined, note: () => undefined };
  const info = await stat(file);
  const located = { path: file, name: path.basename(file), sizeBytes: info.size, modifiedAt: info.mtime };
  let staged: StagedFile = { ...located, kind: "csv", readPath: file, sha256: "", blank: false };
  if (file.endsWith(".parquet")) staged = { ...staged, kind: "parquet" };
  if (file.endsWith(".gz")) {
    result.stageMs = await timed(async () => {
      staged = await stageFile(located, 0, { workDir, maxBytes: 1e12, progress });
    });
  }
  const source = { id: "bench", type: "aws-data-export", location: file } as const;
  let mapping = "";
  result.openMs = await timed(async () => {
    const bill = await awsDataExportSource.open({
      engine,
      source,
      deliveries: [{ role: "bill", files: [staged] }],
      progress,
    });
    mapping = bill.mapping;
  });
  await engine.run(`CREATE VIEW focus_rows AS ${mapping}`);
  await timeCopy(result, () =>
    engine.run(
      `COPY (SELECT * FROM focus_rows) TO ${sqlText(target)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${LEVEL}, ROW_GROUP_SIZE ${ROW_GROUP_SIZE})`,
    ),
  );
  result.rows = await countRows(engine, target);
}

async function countRows(engine: SqlEngine, file: string): Promise<number> {
  const [row] = await engine.query(`SELECT count(*) AS "rows" FROM read_parquet(${sqlText(file)})`);
  return Number(row?.["rows"]);
}

async function timeCopy(result: Figures, work: () => Promise<unknown>): Promise<void> {
  const before = process.cpuUsage();
  result.copyMs = await timed(work);
  const { user, system } = process.cpuUsage(before);
  result.cpuMs = (user + system) / 1000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const [task, file, workDir] = process.argv.slice(2);
if (task === undefined || file === undefined || workDir === undefined || !existsSync(file)) {
  throw new Error("usage: convert-task.ts plain|ours|row-wise FILE FOLDER");
}
process.stdout.write(JSON.stringify(await runTask(task as TaskName, file, workDir)));
