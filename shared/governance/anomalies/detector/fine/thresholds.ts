import type { FalseAlerts } from "../../types.ts";

/** Least score of an alert: log10 of the days between false ones. */
export function thresholdFor(falseAlerts: FalseAlerts): number {
  return Math.log10(90 / falseAlerts);
}
