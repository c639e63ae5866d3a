import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FalseAlerts } from "../../../shared/governance/anomalies/types.ts";
import { type Aim, figure } from "./aims.ts";
import type { BenchMetrics } from "./cost-bench/lib/metrics.mjs";
import type { GeneratorResult } from "./generator-task.ts";
import type { OracleResult } from "./oracle-task.ts";

const run = promisify(execFile);
/** Not used for choosing anything. */
const SEEDS = [101, 102, 103, 104] as const;
const SERIES = 300;
/** It thinks about every event that may have begun, which takes long. */
const ORACLE_SERIES = 75;

interface Goal {
  dial: FalseAlerts;
  recall: number;
  saved?: number;
}
const GOALS: readonly Goal[] = [
  { dial: 1, recall: 0.9, saved: 0.9 },
  { dial: 0.25, recall: 0.7, saved: 0.78 },
  { dial: 0.1, recall: 0.5 },
];

/**
 * The detector on the generator's series, through the same code as `genops anomalies backtest`, at every position of the dial; beside it
 * an oracle that knows how the generator draws its series and events.
 */
export async function printGenerator(print: (line: string) => void): Promise<void> {
  const [bounds, ...all] = await Promise.all([oracle(), ...GOALS.map(({ dial }) => measured(dial))]);
  print(
    `Generator: seeds ${SEEDS.join(", ")}, ${SERIES} series each; the oracle on the first ${ORACLE_SERIES} of each`,
  );
  for (const [index, goal] of GOALS.entries()) {
    const [metrics, bound] = [all[index], bounds[index]];
    if (metrics !== undefined && bound !== undefined) printGoal(print, goal, metrics, bound);
  }
}

async function measured(dial: FalseAlerts): Promise<BenchMetrics> {
  return JSON.parse(await outputOf("generator-task.ts", [dial, SERIES, ...SEEDS].map(String))) as GeneratorResult;
}

async function oracle(): Promise<OracleResult> {
  const dials = GOALS.map(({ dial }) => dial).join(",");
  return JSON.parse(await outputOf("oracle-task.ts", [`${ORACLE_SERIES}`, dials, SEEDS.join(",")])) as OracleResult;
}

async function outputOf(task: string, words: readonly string[]): Promise<string> {
  return (await run(process.execPath, [join(import.meta.dirname, task), ...words], { maxBuffer: 1 << 26 })).stdout;
}

function printGoal(
  print: (line: string) => void,
  { dial, recall, saved }: Goal,
  metrics: BenchMetrics,
  bound: BenchMetrics,
): void {
  if (metrics.events < 1000) throw new Error(`${metrics.events} events are too few to measure with`);
  const line = (name: string, of: (one: BenchMetrics) => number | null | undefined, aim?: Aim, note = "") => {
    const best = of(bound);
    const notes = [...(best == null ? [] : [`oracle ${best.toFixed(3)}`]), ...(note === "" ? [] : [note])];
    print(`  ${figure(name, of(metrics) ?? Number.NaN, aim, notes.join("; "))}`);
  };
  const [low, high] = metrics.recall_95;
  print(`  falseAlertsPer90Days: ${dial}`);
  line(
    "recall",
    (one) => one.recall,
    { least: recall },
    `${metrics.events} events; 95 % ${low.toFixed(3)} to ${high.toFixed(3)}`,
  );
  for (const [type, { by_size }] of Object.entries(metrics.by_type)) {
    const sizes = Object.entries(by_size).map(([size, part]) => `${size} ${(part.recall ?? 0).toFixed(2)}`);
    line(`  ${type}`, (one) => one.by_type[type]?.recall, undefined, sizes.join(", "));
  }
  line("false alerts per series and 90 days", (one) => one.false_alerts_per_90d, { most: dial });
  line("  of the 95th percentile series", (one) => one.false_alerts_per_90d_p95_series, { most: 3 });
  line("delay in days, median", (one) => one.delay_days.p50, { most: 1 });
  line("  90th percentile", (one) => one.delay_days.p90, { most: 6 });
  const first = `on the first morning ${(metrics.excess_saved_best_possible ?? 0).toFixed(3)}`;
  line("excess money saved", (one) => one.excess_saved, saved === undefined ? undefined : { least: saved }, first);
  print(`  ${figure("alerts with an expected range", metrics.alerts_with_expected_range ?? Number.NaN, { least: 1 })}`);
}
