import { backtest } from "../../../shared/governance/anomalies/backtest/backtest.ts";
import { createWatch } from "../../../shared/governance/anomalies/detector/detect.ts";
import type { FalseAlerts } from "../../../shared/governance/anomalies/types.ts";
import type { BenchMetrics } from "./cost-bench/lib/metrics.mjs";
import { generateCostData } from "./cost-data.ts";
import { scoreLines } from "./score-lines.ts";

/** What is printed as JSON. */
export type GeneratorResult = BenchMetrics;

/** One position of the dial, in a process of its own so that several run at a time. Arguments: dial, series per seed, seeds. */
const [dial, count, ...seeds] = process.argv.slice(2).map(Number);
const falseAlertsPer90Days = ([1, 0.25, 0.1] as const).find((known): known is FalseAlerts => known === dial);
if (falseAlertsPer90Days === undefined || count === undefined || seeds.length === 0) {
  throw new Error("usage: generator-task.ts DIAL COUNT SEED…");
}

const { observations, labels } = await generateCostData(seeds, count);
const settings = { falseAlertsPer90Days, step: "auto", floor: 0, scores: false } as const;
const result: GeneratorResult = await scoreLines(labels, backtest(observations, settings, createWatch));
process.stdout.write(JSON.stringify(result));
