import type { BenchLabel } from "./series.mjs";
/** Times in milliseconds since 1970. */
export interface BenchAlert {
  series: string;
  alertedAt: number;
  chargeTime: number;
  hasRange: boolean;
}
interface Tally {
  events: number;
  caught: number;
  recall: number | null;
}
export interface BenchMetrics {
  data: { version: string; seed: number; series: number; days: number; warmup_days: number };
  alerts: number;
  alerts_with_expected_range: number | null;
  events: number;
  caught: number;
  recall: number | null;
  recall_95: [number, number];
  recall_by_chance: number | null;
  by_type: Record<string, Tally & { by_size: Record<string, Tally> }>;
  false_alerts: number;
  quiet_days: number;
  false_alerts_per_90d: number;
  false_alerts_per_90d_p95_series: number | null;
  false_alerts_per_90d_worst_series: number | null;
  delay_days: { p50: number | null; p90: number | null };
  excess_saved: number | null;
  excess_saved_best_possible: number | null;
  excess_saved_by_amount: number | null;
  alerts_per_caught_event: number | null;
}
export function measure(
  labels: { generator: BenchMetrics["data"]; series: BenchLabel[] },
  alerts: readonly BenchAlert[],
): BenchMetrics;
