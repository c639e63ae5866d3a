import { SILENCE } from "../../../../shared/governance/anomalies/detector/daily/daily-watch.ts";
import { newsOf, remember } from "../../../../shared/governance/anomalies/detector/memory/news.ts";
import type { RememberedAlert } from "../../../../shared/governance/anomalies/types.ts";
import { type BenchAlert, type BenchMetrics, measure } from "../cost-bench/lib/metrics.mjs";
import type { CostLabels } from "../cost-data.ts";
import type { RecordedLook } from "./record-sights.ts";

/** What the alerts of a threshold are worth. */
export function tryThreshold(
  looks: ReadonlyMap<string, RecordedLook[]>,
  labels: CostLabels,
  threshold: number,
): BenchMetrics {
  const alerts: BenchAlert[] = [];
  for (const [series, ofSeries] of looks) alerts.push(...alertsOf(series, ofSeries, threshold));
  return measure(labels, alerts);
}

function alertsOf(series: string, looks: readonly RecordedLook[], threshold: number): BenchAlert[] {
  const alerts: BenchAlert[] = [];
  let memory: RememberedAlert[] = [];
  for (const { observedAt, now, step, due } of looks) {
    const { told } = newsOf(due, memory, now, step, { threshold, floor: 0, silence: SILENCE });
    if (told === undefined) continue;
    memory = remember(memory, told, now, step, SILENCE);
    alerts.push({ series, alertedAt: observedAt, chargeTime: told.at, hasRange: true });
  }
  return alerts;
}

/** Bounds of thresholds that are worth trying, and how finely. */
const LEAST = 0.5;
const MOST = 12;
const ROUNDS = 14;

/** The least threshold that keeps to `falseAlerts` per series and 90 days on these looks. */
export function leastThreshold(
  looks: ReadonlyMap<string, RecordedLook[]>,
  labels: CostLabels,
  falseAlerts: number,
): number {
  let low = LEAST;
  let high = MOST;
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2;
    if (tryThreshold(looks, labels, middle).false_alerts_per_90d > falseAlerts) low = middle;
    else high = middle;
  }
  return high;
}
