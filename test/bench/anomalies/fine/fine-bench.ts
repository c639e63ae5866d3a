import { createFineWatch } from "../../../../shared/governance/anomalies/detector/fine/fine-watch.ts";
import type { FalseAlerts, Sensitivity } from "../../../../shared/governance/anomalies/types.ts";
import type { Family } from "./family.ts";
import { generateFineSeries, generateQuietSeries, type LabelledSeries } from "./generator.ts";
import { bestThreshold, eventsOf, falsePer90Days, PROFILES, pointsAt, type ScoredSeries } from "./score.ts";

const USES = ["design", "kept", "third"] as const;
const SEEDS = [1, 2, 3];
const PER_FAMILY = 12;
const DIAL: readonly FalseAlerts[] = [1, 0.25, 0.1];

/** Shows a series to the watch row by row and keeps what it said. */
export function replaySeries(series: LabelledSeries, falseAlertsPer90Days: FalseAlerts): ScoredSeries {
  const { start, step, costs } = series;
  const sensitivity: Sensitivity = { falseAlertsPer90Days, floor: 0, planned: [], newLevels: [], caution: 1 };
  const watch = createFineWatch(sensitivity);
  const scores = new Float64Array(costs.length);
  const alerts: number[] = [];
  for (let row = 0; row < costs.length; row++) {
    for (const { score, alert } of watch.look(
      { start, step, costs: costs.subarray(0, row + 1), completeness: [] },
      row,
    )) {
      scores[row] = score;
      if (alert !== undefined) alerts.push(row);
    }
  }
  return { series, scores, alerts };
}

/** Scores and alerts on the three sets of families; one threshold for all series, the best one and the one that is best for the other two sets. */
export function printFineBench(print: (line: string) => void): void {
  const scored = { design: scoredSeries("design"), kept: scoredSeries("kept"), third: scoredSeries("third") };
  for (const use of USES) {
    const other = USES.filter((one) => one !== use).flatMap((one) => scored[one]);
    const figures = Object.entries(PROFILES).map(([name, profile]) => {
      const { threshold, points } = bestThreshold(scored[use], profile);
      const transferred = pointsAt(scored[use], profile, bestThreshold(other, profile).threshold);
      return `${name} ${points.toFixed(1)} at ${threshold.toFixed(2)}, at the threshold of the others ${transferred.toFixed(1)}`;
    });
    print(`${use} (${scored[use].length} series): ${figures.join("; ")}`);
    const { precision, recall, f1, falsePer90Days: rate } = eventsOf(scored[use]);
    print(
      `  alerts at N=1: precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}, F1 ${f1.toFixed(2)}, ${rate.toFixed(2)} false in 90 days`,
    );
    for (const dial of DIAL) {
      const quiet = generateQuietSeries(use, PER_FAMILY, 1).map((series) => replaySeries(series, dial));
      print(`  nothing wrong, N=${dial}: ${falsePer90Days(quiet).toFixed(2)} false alerts per series and 90 days`);
    }
  }
}

function scoredSeries(use: Family["use"]): ScoredSeries[] {
  return SEEDS.flatMap((seed) => generateFineSeries(use, PER_FAMILY, seed)).map((series) => replaySeries(series, 1));
}
