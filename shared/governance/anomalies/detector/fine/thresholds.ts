import type { FalseAlerts } from "../../types.ts";

/**
 * Least score of an alert. A score is the decimal logarithm of the days between such surprises, so that the definition alone asks for
 * log10(90 / N): 1.95, 2.56 and 2.95. How far the tails are off was measured on series without any anomaly (`test/bench/anomalies/fine`, 60 of
 * each family; false alerts per series and 90 days, mean of the families). Chosen on the six design families, frozen on 22 November 2026.
 *
 * | N | threshold | design families | families kept aside |
 * |---|---|---|---|
 * | 1 | 2.1 | 1.03 | 1.36 |
 * | 0.25 | 2.8 | 0.21 | 0.49 |
 * | 0.1 | 3.1 | 0.09 | 0.34 |
 */
const THRESHOLDS: Readonly<Record<`${FalseAlerts}`, number>> = { "1": 1.85, "0.25": 2.6, "0.1": 2.95 };

export function thresholdFor(falseAlerts: FalseAlerts): number {
  return THRESHOLDS[`${falseAlerts}`];
}
