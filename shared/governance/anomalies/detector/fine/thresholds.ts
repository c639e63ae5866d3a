import type { FalseAlerts } from "../../types.ts";

/**
 * Least score of an alert. A score is the decimal logarithm of the days between such surprises, so that the definition alone would ask for
 * log10(90 / N): 1.95, 2.56 and 2.95. Series without any anomaly, as `test/bench/anomalies/fine` makes them (240 of the six design families,
 * alone, never those kept aside), show how far the tails are off; frozen on 22 November 2026:
 *
 * | threshold | design: false alerts per 90 days | kept aside |
 * |---|---|---|
 * | 2.2 | 0.95 | 1.18 |
 * | 2.8 | 0.27 | 0.49 |
 * | 3.6 | 0.10 | 0.25 |
 */
const THRESHOLDS: Readonly<Record<`${FalseAlerts}`, number>> = { "1": 2.2, "0.25": 2.8, "0.1": 3.6 };

export function thresholdFor(falseAlerts: FalseAlerts): number {
  return THRESHOLDS[`${falseAlerts}`];
}
