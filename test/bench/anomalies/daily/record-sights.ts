import type { Observations } from "../../../../shared/governance/anomalies/backtest/observations.ts";
import { replay } from "../../../../shared/governance/anomalies/backtest/replay.ts";
import { JUDGED } from "../../../../shared/governance/anomalies/detector/daily/daily-watch.ts";
import { see } from "../../../../shared/governance/anomalies/detector/daily/sight.ts";
import type { Dial } from "../../../../shared/governance/anomalies/detector/daily/thresholds.ts";
import { LEAST_HISTORY } from "../../../../shared/governance/anomalies/detector/daily/window.ts";
import type { Alert, CreateWatch } from "../../../../shared/governance/anomalies/types.ts";

/** What a look saw before anybody asked whether it is news. */
export interface RecordedLook {
  observedAt: number;
  /** End of the newest period. */
  now: number;
  step: number;
  due: Alert[];
}

/** Nothing below this score is ever an alert. */
const LEAST_SCORE = 0.5;

/** All looks of every series, through the replay of the back-test, so that thresholds can be tried without looking again. */
export function recordSights(observations: Observations, dial: Dial): Map<string, RecordedLook[]> {
  const seen: Omit<RecordedLook, "observedAt">[] = [];
  const createWatch: CreateWatch = (sensitivity) => ({
    look(known, changedFrom) {
      const total = known.costs.length;
      const now = known.start + total * known.step;
      const from = Math.max(changedFrom, total - JUDGED, 0);
      const isJudged = total > LEAST_HISTORY && from < total;
      const due = isJudged ? see(known, from, sensitivity, { ...dial, threshold: LEAST_SCORE }).due : [];
      seen.push({ now, step: known.step, due });
      return [{ at: known.start + changedFrom * known.step, score: seen.length }];
    },
    standing: () => [],
    memory: () => ({ alerts: [] }),
  });
  const sensitivity = { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1 } as const;
  const looks = new Map<string, RecordedLook[]>();
  for (const look of replay(observations, { sensitivity, step: "auto", createWatch })) {
    const record = seen[(look.judged[0]?.score ?? 0) - 1];
    if (record === undefined) continue;
    const ofSeries = looks.get(look.series) ?? [];
    looks.set(look.series, ofSeries);
    ofSeries.push({ ...record, observedAt: look.observedAt });
  }
  return looks;
}
