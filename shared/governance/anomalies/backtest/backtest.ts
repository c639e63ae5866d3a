import type { CreateWatch, FalseAlerts } from "../types.ts";
import { linesOf } from "./lines.ts";
import type { Observations } from "./observations.ts";
import { refuseCoarseStep } from "./refuse-coarse-step.ts";
import { replay } from "./replay.ts";

export interface BacktestSettings {
  falseAlertsPer90Days: FalseAlerts;
  /** Length of a period in milliseconds, or per series what it shows. */
  step: number | "auto";
  /** Least impact of an alert. */
  floor: number;
  /** Score lines too. */
  scores: boolean;
}

/** The lines of `genops anomalies backtest` in order of time. Series are independent, and the same input gives the same lines. */
export function* backtest(
  observations: Observations,
  { falseAlertsPer90Days, step, floor, scores }: BacktestSettings,
  createWatch: CreateWatch,
): Generator<string, void> {
  if (step !== "auto") refuseCoarseStep(observations, step);
  const sensitivity = { falseAlertsPer90Days, floor, planned: [], newLevels: [], caution: 1 };
  for (const look of replay(observations, { sensitivity, step, createWatch })) yield* linesOf(look, { scores });
}
