import { backtest } from "../../../shared/governance/anomalies/backtest/backtest.ts";
import { createWatch } from "../../../shared/governance/anomalies/detector/detect.ts";
import type { FalseAlerts } from "../../../shared/governance/anomalies/types.ts";
import { figure } from "./aims.ts";
import type { BenchMetrics } from "./cost-bench/lib/metrics.mjs";
import { type CostData, generateCostData } from "./cost-data.ts";
import { scoreLines } from "./score-lines.ts";

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
  const data = await generateCostData(SEEDS, SERIES);
  print(
    `Generator: seeds ${SEEDS.join(", ")}, ${data.labels.series.length} series of ${data.labels.generator.days} days`,
  );
  for (const goal of GOALS) printGoal(print, goal, await replayed(data, goal.dial));
}

function replayed({ observations, labels }: CostData, falseAlertsPer90Days: FalseAlerts): Promise<BenchMetrics> {
  const settings = { falseAlertsPer90Days, step: "auto", floor: 0, scores: false } as const;
  return scoreLines(labels, backtest(observations, settings, createWatch));
}

function printGoal(print: (line: string) => void, { dial, recall, saved }: Goal, metrics: BenchMetrics): void {
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
