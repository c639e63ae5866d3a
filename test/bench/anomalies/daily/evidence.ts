import { DIALS } from "../../../../shared/governance/anomalies/detector/daily/thresholds.ts";
import type { FalseAlerts } from "../../../../shared/governance/anomalies/types.ts";
import type { BenchMetrics } from "../cost-bench/lib/metrics.mjs";
import { generateCostData } from "../cost-data.ts";
import { recordSights } from "./record-sights.ts";
import { leastThreshold, tryThreshold } from "./try-threshold.ts";

const POSITIONS: readonly FalseAlerts[] = [1, 0.25, 0.1];
/** The seeds that the thresholds were chosen on, and those that they were checked on. */
const SEEDS = { chosen: [11, 12, 13, 14, 15, 16], checked: [31, 32, 33, 34, 35, 36] };
const SERIES = 100;

/**
 * The evidence behind `detector/daily/thresholds.ts`: for each position of the dial the least threshold that keeps to the budget on these
 * seeds, and what the frozen one does on them. `npm run bench -- anomalies daily-thresholds`.
 */
export async function printDailyEvidence(print: (line: string) => void): Promise<void> {
  for (const [use, seeds] of Object.entries(SEEDS)) {
    const { observations, labels } = await generateCostData(seeds, SERIES);
    print(`Daily thresholds, ${use} on seeds ${seeds.join(", ")}, ${SERIES} series each`);
    for (const position of POSITIONS) {
      const looks = recordSights(observations, DIALS[position]);
      for (const [name, threshold] of [
        ["least", leastThreshold(looks, labels, position)],
        ["frozen", DIALS[position].threshold],
      ] as const) {
        print(`  ${position}: ${name} ${threshold.toFixed(2)}: ${figures(tryThreshold(looks, labels, threshold))}`);
      }
    }
  }
}

function figures(metrics: BenchMetrics): string {
  const types = Object.entries(metrics.by_type).map(([type, tally]) => `${type} ${tally.recall?.toFixed(2)}`);
  return [
    `false alerts ${metrics.false_alerts_per_90d.toFixed(3)}`,
    `p95 ${metrics.false_alerts_per_90d_p95_series?.toFixed(1)}`,
    `recall ${metrics.recall?.toFixed(3)} of ${metrics.events} (${types.join(", ")})`,
    `delay ${metrics.delay_days.p50}/${metrics.delay_days.p90}`,
    `saved ${metrics.excess_saved?.toFixed(3)}`,
  ].join(", ");
}
