import { DIALS } from "../../../../shared/governance/anomalies/detector/daily/thresholds.ts";
import type { FalseAlerts } from "../../../../shared/governance/anomalies/types.ts";
import type { BenchMetrics } from "../cost-bench/lib/metrics.mjs";
import { generateCostData } from "../cost-data.ts";
import { recordSights } from "./record-sights.ts";
import { leastThreshold, tryThreshold } from "./try-threshold.ts";

/**
 * The evidence behind `detector/daily/thresholds.ts`: for each position of the dial the least threshold that keeps to a part of the budget
 * on these seeds, and what the frozen one does on them.
 *
 *     node test/bench/anomalies/daily/thresholds.ts 100 11 12 13 14 15 16
 */
const DIAL_POSITIONS: readonly FalseAlerts[] = [1, 0.25, 0.1];
/** What is left of the budget for series unlike these. */
const SLACK = { 1: 0.9, 0.25: 0.22, 0.1: 0.085 } as const;

const [count = 100, ...seeds] = process.argv.slice(2).map(Number);
const { observations, labels } = await generateCostData(seeds, count);
process.stdout.write(`seeds ${seeds.join(", ")}, ${count} series each\n`);
for (const position of DIAL_POSITIONS) {
  const looks = recordSights(observations, DIALS[position]);
  const least = leastThreshold(looks, labels, SLACK[position]);
  print(`${position}: least threshold`, least, tryThreshold(looks, labels, least));
  print(
    `${position}: frozen threshold`,
    DIALS[position].threshold,
    tryThreshold(looks, labels, DIALS[position].threshold),
  );
}

function print(name: string, threshold: number, metrics: BenchMetrics): void {
  const types = Object.entries(metrics.by_type).map(([type, tally]) => `${type} ${tally.recall?.toFixed(2)}`);
  const figures = [
    `false alerts ${metrics.false_alerts_per_90d.toFixed(3)}`,
    `p95 ${metrics.false_alerts_per_90d_p95_series?.toFixed(1)}`,
    `recall ${metrics.recall?.toFixed(3)} of ${metrics.events}`,
    types.join(" "),
    `delay ${metrics.delay_days.p50}/${metrics.delay_days.p90}`,
    `saved ${metrics.excess_saved?.toFixed(3)}`,
  ];
  process.stdout.write(`  ${name} ${threshold.toFixed(2)}: ${figures.join(", ")}\n`);
}
