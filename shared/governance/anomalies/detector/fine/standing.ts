import { DAY_MS, type KnownSeries, type RememberedAlert, type Standing } from "../../types.ts";
import { describeRow, footing } from "./alerts.ts";
import { type History, rowOf } from "./history.ts";
import { meanOf } from "./signal.ts";

/** An alert that lost so much of its surprise to a restatement is explained by it. */
const EXPLAINED = 0.5;
/** A move that has lasted so long is the new level. */
const NEW_LEVEL_MS = 3 * DAY_MS;

/** What became of an alert, by what is known now. */
export function standingOf(history: History, known: KnownSeries, alert: RememberedAlert): Standing {
  const row = rowOf(history, alert.at);
  const isKept = row >= history.next - history.signal.mask && row < history.next;
  const verdict = isKept ? history.verdicts[row & history.signal.mask] : undefined;
  if (isKept && (verdict?.score ?? 0) < EXPLAINED * alert.score)
    return { alert, state: "vanished", now: restated(history, known, alert) };
  const now = verdict === undefined ? alert : describeRow(history, known, row, verdict, verdict.score);
  const age = (history.next - row) * history.pace.step;
  if (age <= DAY_MS) return { alert, state: "stands", now };
  if (!lasts(history, alert)) return { alert, state: "over", now };
  return { alert, state: age >= NEW_LEVEL_MS ? "new-level" : "stands", now };
}

/** The alert with what is known of its period now. */
function restated(history: History, known: KnownSeries, alert: RememberedAlert): RememberedAlert {
  const actual = known.costs[rowOf(history, alert.at) - rowOf(history, known.start)] ?? alert.actual;
  return { ...alert, actual, score: 0, impact: 0 };
}

/** Whether the newest day is nearer to the alert than to what was expected. */
function lasts(history: History, alert: RememberedAlert): boolean {
  const mean = meanOf(history.signal, history.next - history.pace.windows.day, history.next);
  const expected = footing(history, alert.expected);
  const share = (mean - expected) / (footing(history, alert.actual) - expected);
  return share > 0.5;
}
