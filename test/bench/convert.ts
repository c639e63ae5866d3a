import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { TaskName, TaskResult } from "./convert-task.ts";
import { generateCur } from "./generate-cur.ts";

const run = promisify(execFile);

export interface ConvertReport {
  rows: number;
  lines: { label: string; value: string; aim: string }[];
}

const REPETITIONS = 3;
const ROW_WISE_ROWS = 200_000;

/**
 * Measures the AWS mapping in one run: against DuckDB's plain copy of the same file, against row-wise TypeScript, its peak memory, and
 * its growth to five times the rows. Medians of three; every piece of work has a process of its own.
 */
export async function benchConvert({ rows }: { rows: number }): Promise<ConvertReport> {
  const dir = await mkdtemp(path.join(tmpdir(), "genops-bench-"));
  try {
    const small = await measureSize(dir, rows);
    const large = await measureLarge(dir, rows * 5);
    return { rows, lines: [...small.lines, ...growth(rows, small.ours, large)] };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureSize(dir: string, rows: number): Promise<{ lines: ConvertReport["lines"]; ours: TaskResult }> {
  const csv = await generateCur({ rows, dir, format: "csv", seed: 1 });
  const gz = await generateCur({ rows, dir, format: "csv.gz", seed: 1 });
  const parquet = await generateCur({ rows, dir, format: "parquet", seed: 1 });
  const of = (task: TaskName, file: string): Promise<TaskResult[]> => repeat(dir, task, file);
  const [plainCsv, oursCsv] = [await of("plain", csv), await of("ours", csv)];
  const [plainGz, oursGz] = [await of("plain", gz), await of("ours", gz)];
  const [plainParquet, oursParquet] = [await of("plain", parquet), await of("ours", parquet)];
  const rowWise = await of("row-wise", await generateCur({ rows: ROW_WISE_ROWS, dir, format: "csv", seed: 1 }));
  const copy = (results: TaskResult[]): number => median(results.map(({ copyMs }) => copyMs));
  const cpu = (results: TaskResult[]): number => median(results.map(({ cpuMs }) => cpuMs));
  const whole = (results: TaskResult[]): number =>
    median(results.map(({ stageMs, openMs, copyMs }) => stageMs + openMs + copyMs));
  const perRow = copy(rowWise) / ROW_WISE_ROWS;
  const lines = [
    line("file sizes: CSV, CSV.gz, Parquet", (await Promise.all([csv, gz, parquet].map(megabytes))).join(", "), ""),
    line("CSV: plain COPY / mapping COPY", `${seconds(copy(plainCsv))} / ${seconds(copy(oursCsv))}`, ""),
    line("CSV: mapping's throughput over plain COPY", ratio(copy(plainCsv) / copy(oursCsv)), "≥ 0.8"),
    line("CSV: the same by processor time", ratio(cpu(plainCsv) / cpu(oursCsv)), ""),
    line("Parquet: plain COPY / mapping COPY", `${seconds(copy(plainParquet))} / ${seconds(copy(oursParquet))}`, ""),
    line("Parquet: mapping's throughput over plain COPY", ratio(copy(plainParquet) / copy(oursParquet)), "≥ 0.8"),
    line("Parquet: the same by processor time", ratio(cpu(plainParquet) / cpu(oursParquet)), ""),
    line("Parquet: peak memory", `${Math.max(...oursParquet.map(({ peakMb }) => peakMb))} MB`, "≤ 512 MB"),
    line("CSV: one pass for control totals and checks", seconds(median(oursCsv.map(({ openMs }) => openMs))), ""),
    line("CSV: plain COPY over (that pass + mapping COPY)", ratio(copy(plainCsv) / whole(oursCsv)), ""),
    line("CSV.gz: staging (decompress, check, fingerprint)", seconds(median(oursGz.map(({ stageMs }) => stageMs))), ""),
    line(
      "CSV.gz: plain COPY of the .gz / staging + pass + mapping",
      `${seconds(copy(plainGz))} / ${seconds(whole(oursGz))}`,
      "",
    ),
    line("row-wise TypeScript, scaled from 200,000 rows", seconds(perRow * rows), ""),
    line("mapping COPY faster than row-wise", `${ratio((perRow * rows) / copy(oursCsv))}×`, "≥ 10×"),
    line("the same by processor time", `${ratio((cpu(rowWise) / ROW_WISE_ROWS) * (rows / cpu(oursCsv)))}×`, ""),
  ];
  await Promise.all([csv, gz, parquet].map((file) => rm(file, { force: true })));
  return { lines, ours: { ...(oursCsv[0] as TaskResult), copyMs: copy(oursCsv) } };
}

async function measureLarge(dir: string, rows: number): Promise<TaskResult> {
  const csv = await generateCur({ rows, dir, format: "csv", seed: 2 });
  const results = await repeat(dir, "ours", csv);
  await rm(csv, { force: true });
  const peakMb = Math.max(...results.map((result) => result.peakMb));
  return { ...(results[0] as TaskResult), copyMs: median(results.map(({ copyMs }) => copyMs)), peakMb };
}

function growth(rows: number, small: TaskResult, large: TaskResult): ConvertReport["lines"] {
  return [
    line(`peak memory, ${rows.toLocaleString("en")} rows`, `${small.peakMb} MB`, ""),
    line(`peak memory, ${(rows * 5).toLocaleString("en")} rows`, `${large.peakMb} MB`, "≤ 512 MB"),
    line(`mapping COPY, ${(rows * 5).toLocaleString("en")} rows`, seconds(large.copyMs), ""),
    line("growth to five times the rows", `${ratio(large.copyMs / small.copyMs)}×`, "≤ 5.2×"),
  ];
}

async function repeat(dir: string, task: TaskName, file: string): Promise<TaskResult[]> {
  const results: TaskResult[] = [];
  for (let count = 0; count < REPETITIONS; count++) {
    const script = path.join(import.meta.dirname, "convert-task.ts");
    const { stdout } = await run(process.execPath, [script, task, file, path.join(dir, `work-${task}-${count}`)]);
    results.push(JSON.parse(stdout) as TaskResult);
  }
  return results;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function line(label: string, value: string, aim: string): ConvertReport["lines"][number] {
  return { label, value, aim };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const ratio = (value: number): string => value.toFixed(2);

async function megabytes(file: string): Promise<string> {
  return `${Math.round((await stat(file)).size / 1e6)} MB`;
}

/** Prints the report as a table. */
export async function printConvertBench(rows: number, print: (line: string) => void): Promise<void> {
  const { lines } = await benchConvert({ rows });
  const width = Math.max(...lines.map(({ label }) => label.length));
  const values = Math.max(...lines.map(({ value }) => value.length));
  print(`convert: ${rows.toLocaleString("en")} rows of a CUR 2.0 with 125 columns`);
  for (const { label, value, aim } of lines) {
    print(`  ${label.padEnd(width)}  ${value.padStart(values)}  ${aim === "" ? "" : `aim ${aim}`}`.trimEnd());
  }
}
