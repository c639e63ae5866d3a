import type { FalseAlerts } from "../../types.ts";

/** What stands behind the user's dial. */
export interface Dial {
  /** Least score of an alert. */
  threshold: number;
  /** Whether one day's collapse waits for a second day. */
  patient: boolean;
  /** Lengths in days of the ramps that are looked for. Short ones are found early, and falsely more often. */
  ramps: readonly number[];
}

const RAMPS = [9, 12, 15, 18, 21, 25, 29, 33, 37, 41];

export const DIALS: Record<FalseAlerts, Dial> = {
  1: { threshold: 1.7, patient: false, ramps: [7, ...RAMPS] },
  0.25: { threshold: 2.9, patient: true, ramps: RAMPS },
  0.1: { threshold: 3.8, patient: true, ramps: RAMPS },
};
