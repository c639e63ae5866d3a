import type { FalseAlerts } from "../../types.ts";

/** Least score of an alert per dial. Evidence follows below. */
export const THRESHOLDS: Record<FalseAlerts, number> = { 1: 1.85, 0.25: 2.85, 0.1: 3.55 };
