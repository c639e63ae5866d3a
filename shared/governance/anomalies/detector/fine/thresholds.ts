import type { FalseAlerts } from "../../types.ts";

/**
 * Least score of an alert. A score is the decimal logarithm of the days between such surprises, so that the definition alone asks for
 * log10(90 / N): 1.95, 2.56 and 2.95. Series without any anomaly, as `test/bench/anomalies/fine` makes them (360 of the six design families;
 * mean of the families), add 0.15: frozen on 22 November 2026 with these false alerts per series and 90 days.
 *
 * | threshold | design families | families kept aside |
 * |---|---|---|
 * | 2.1 | 1.0 | 1.2 |
 * | 2.7 | 0.26 | 0.50 |
 * | 3.1 | 0.09 | 0.37 |
 */
const THRESHOLDS: Readonly<Record<`${FalseAlerts}`, number>> = { "1": 2.1, "0.25": 2.7, "0.1": 3.1 };

export function thresholdFor(falseAlerts: FalseAlerts): number {
  return THRESHOLDS[`${falseAlerts}`];
}
