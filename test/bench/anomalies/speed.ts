import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createDuckDbEngine } from "../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type Aim, figure } from "./aims.ts";
import { csvOf } from "./cost-data.ts";
import type { Usage } from "./report-usage.ts";
import { writeSpeedData } from "./speed-data.ts";
import type { SpeedResult, SpeedTask } from "./speed-task.ts";

const run = promisify(execFile);
const REPETITIONS = 3;
const here = (path: string) => join(import.meta.dirname, path);

/** Evaluations from Parquet to verdicts and replays of a file, each in a process of its own; medians. */
export async function printSpeed(print: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "genops-speed-"));
  try {
    const engine = await createDuckDbEngine({ tempDir: join(folder, "engine") });
    await writeSpeedData(engine, folder);
    await engine.close();
    print(`Speed (median of ${REPETITIONS} processes; memory is the largest of them)`);
    await printEvaluation(print, "daily", folder, "90 days", { most: 2 });
    await printEvaluation(print, "hourly", folder, "30 days by the hour", { most: 10 });
    await printReplays(print, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function printEvaluation(
  print: (line: string) => void,
  task: SpeedTask,
  folder: string,
  what: string,
  aim: Aim,
): Promise<void> {
  const results: SpeedResult[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const { stdout } = await run(process.execPath, [here("speed-task.ts"), task, folder]);
    results.push(JSON.parse(stdout) as SpeedResult);
  }
  const median = middle(results, ({ ms }) => ms);
  if (median.series < 10_000) throw new Error(`the bench evaluates ${median.series} series only`);
  const name = `${median.series} series, ${what}`;
  const parts = `judging ${seconds(median.judgeMs)}, the rest reading; processor time ${seconds(median.cpuMs)}`;
  print(figure(`${name}: s`, median.ms / 1000, aim, parts));
  print(figure(`${name}: MB`, Math.max(...results.map(({ peakMb }) => peakMb)), { most: 512 }));
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** The command itself, start-up and output included. */
async function printReplays(print: (line: string) => void, folder: string): Promise<void> {
  const daily = join(folder, "daily.csv");
  await pipeline(Readable.from(csvOf([1], 300)), createWriteStream(daily));
  await printReplay(print, "replay of 300 daily series × 400 days", daily, { most: 32 });
  const fine = join(folder, "fine.csv");
  await pipeline(Readable.from(fineCsv()), createWriteStream(fine));
  await printReplay(print, "replay of 365,000 five-minute rows", fine, { most: 22 });
}

async function printReplay(print: (line: string) => void, name: string, file: string, aim: Aim): Promise<void> {
  const words = ["anomalies", "backtest", "--observations", file, "--false-alerts-per-90d", "1", "--scores"];
  const program = ["--import", here("report-usage.ts"), here("../../../functions/local/cli.ts")];
  const times: (Usage & { s: number })[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const began = performance.now();
    const { stderr } = await run(process.execPath, [...program, ...words], { maxBuffer: 1 << 28 });
    times.push({ ...(JSON.parse(stderr) as Usage), s: (performance.now() - began) / 1000 });
  }
  const { s, cpuMs, peakMb } = middle(times, (time) => time.s);
  print(figure(`${name}: s`, s, aim, `processor time ${seconds(cpuMs)}, ${Math.round(peakMb)} MB`));
}

/** 50 series of 7,300 rows each with the rhythm of a day. */
function* fineCsv(): Generator<string> {
  yield "series,charge_time,observed_at,cost\n";
  const start = Date.parse("2026-05-01T00:00:00Z");
  for (let series = 0; series < 50; series += 1) {
    for (let row = 0; row < 7300; row += 1) {
      const time = new Date(start + row * 300_000).toISOString();
      const noise = ((series * 7919 + row * 104_729) % 1009) / 1009;
      const cost = (10 + series) * (1 + 0.4 * Math.sin((row / 288) * 2 * Math.PI)) * (0.9 + 0.2 * noise);
      yield `m${series},${time},${time},${cost.toFixed(4)}\n`;
    }
  }
}

function middle<T>(results: readonly T[], of: (result: T) => number): T {
  const sorted = results.toSorted((a, b) => of(a) - of(b));
  const found = sorted[Math.floor(sorted.length / 2)];
  if (found === undefined) throw new Error("nothing was measured");
  return found;
}
