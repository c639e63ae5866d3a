import {
  type Alert,
  type CreateWatch,
  DAY_MS,
  type Judged,
  type KnownSeries,
  type RememberedAlert,
  type Sensitivity,
} from "../../types.ts";
import { at } from "../daily/numbers.ts";
import { repeatScore } from "../memory/silence.ts";
import { describeRow, isSilenced } from "./alerts.ts";
import { follow, type History, rowOf } from "./history.ts";
import { standingOf } from "./standing.ts";
import { thresholdFor } from "./thresholds.ts";

/** Alerts older than this no longer keep anybody silent. */
const REMEMBERED_MS = 120 * DAY_MS;

/**
 * Watches a series with steps below a day: hourly bills, token spend by the minute, metrics. One pass over the rows, each judged by what the
 * rows before it taught; a watch made anew over the same rows says the same. While it lives it remembers what slides out of the window it is
 * shown, which one made later does not.
 */
export const createFineWatch: CreateWatch = (sensitivity, memory = { alerts: [] }) => {
  let history: History | undefined;
  let alerts: RememberedAlert[] = [...memory.alerts];

  return {
    look(known, changedFrom) {
      const end = known.start + known.costs.length * known.step;
      alerts = alerts.filter(({ alertedAt }) => alertedAt > end - REMEMBERED_MS);
      const judged: Judged[] = [];
      history = follow(history, known, Math.max(0, changedFrom), sensitivity, (now, index) => {
        if (Number.isNaN(at(known.costs, index))) return;
        const one = judge(now, known, index, sensitivity, alerts);
        judged.push(one);
        if (one.alert !== undefined) alerts.push({ ...one.alert, alertedAt: end });
      });
      return judged;
    },
    standing(known) {
      if (alerts.length === 0) return [];
      // Anything may have been restated since the last look.
      const now = follow(undefined, known, 0, sensitivity);
      return alerts.map((alert) => standingOf(now, known, sensitivity, alert));
    },
    memory: () => ({ alerts: [...alerts] }),
  };
};

function judge(
  history: History,
  known: KnownSeries,
  index: number,
  sensitivity: Sensitivity,
  alerts: readonly RememberedAlert[],
): Judged {
  const row = index + rowOf(history, known.start);
  const period = { at: known.start + index * known.step };
  const place = row & history.signal.mask;
  const score = at(history.fresh, place) / sensitivity.caution;
  const verdict = history.verdicts[place];
  if (verdict === undefined || score < thresholdFor(sensitivity.falseAlertsPer90Days)) return { ...period, score };
  const alert: Alert = describeRow(history, known, row, verdict, score);
  if (isSilenced(alerts, alert)) return { ...period, score: repeatScore(score) };
  return alert.impact < sensitivity.floor ? { ...period, score } : { ...period, score, alert };
}
