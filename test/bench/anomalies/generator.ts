import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FalseAlerts } from "../../../shared/governance/anomalies/types.ts";
import { figure } from "./aims.ts";
import type { GeneratorResult } from "./generator-task.ts";

const run = promisify(execFile);
/** Not used for choosing anything. */
const SEEDS = [101, 102, 103, 104] as const;
const SERIES = 300;

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

/** The detector on the generator's series, through the same code as `genops anomalies backtest`, at every position of the dial. */
export async function printGenerator(print: (line: string) => void): Promise<void> {
  const all = await Promise.all(GOALS.map(({ dial }) => measured(dial)));
  print(`Generator: seeds ${SEEDS.join(", ")}, ${SERIES} series each`);
  for (const [index, metrics] of all.entries()) printGoal(print, GOALS[index] as Goal, metrics);
}

async function measured(dial: FalseAlerts): Promise<GeneratorResult> {
  const task = join(import.meta.dirname, "generator-task.ts");
  const { stdout } = await run(process.execPath, [task, ...[dial, SERIES, ...SEEDS].map(String)]);
  return JSON.parse(stdout) as GeneratorResult;
}

function printGoal(print: (line: string) => void, { dial, recall, saved }: Goal, metrics: GeneratorResult): void {
  if (metrics.events < 1000) throw new Error(`${metrics.events} events are too few to measure with`);
  const [low, high] = metrics.recall_95;
  const interval = `${metrics.caught} of ${metrics.events}; 95 % ${low.toFixed(3)} to ${high.toFixed(3)}`;
  print(`  falseAlertsPer90Days: ${dial}`);
  const line = (...parts: Parameters<typeof figure>) => print(`  ${figure(...parts)}`);
  line("recall", metrics.recall ?? 0, { least: recall }, interval);
  for (const [type, tally] of Object.entries(metrics.by_type)) {
    const sizes = Object.entries(tally.by_size).map(([size, part]) => `${size} ${(part.recall ?? 0).toFixed(2)}`);
    line(`  ${type}`, tally.recall ?? 0, undefined, sizes.join(", "));
  }
  line("false alerts per series and 90 days", metrics.false_alerts_per_90d, { most: dial });
  line("  of the 95th percentile series", metrics.false_alerts_per_90d_p95_series ?? 0, { most: 3 });
  line("delay in days, median", metrics.delay_days.p50 ?? 0, { most: 1 });
  line("  90th percentile", metrics.delay_days.p90 ?? 0, { most: 6 });
  const best = `best possible ${(metrics.excess_saved_best_possible ?? 0).toFixed(3)}`;
  line("excess money saved", metrics.excess_saved ?? 0, saved === undefined ? undefined : { least: saved }, best);
  line("alerts with an expected range", metrics.alerts_with_expected_range ?? 0, { least: 1 });
}
