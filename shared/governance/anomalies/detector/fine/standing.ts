import { DAY_MS, type KnownSeries, type RememberedAlert, type Sensitivity, type Standing } from "../../types.ts";
import { describeRow } from "./alerts.ts";
import { type History, rowOf } from "./history.ts";
import { meanOf, transform } from "./signal.ts";

/** An alert that lost so much of its surprise to a restatement is explained by it. */
const EXPLAINED = 0.5;
/** A move that has lasted so long is the new level. */
const NEW_LEVEL_MS = 3 * DAY_MS;

/** What became of an alert, by what is known now and what people have said. */
export function standingOf(
  history: History,
  known: KnownSeries,
  people: Sensitivity,
  alert: RememberedAlert,
): Standing {
  if (people.newLevels.some((from) => from >= alert.since)) return { alert, state: "new-level", now: alert };
  if (people.planned.some(({ from, to }) => alert.at >= from && alert.at < to))
    return { alert, state: "over", now: alert };
  const row = rowOf(history, alert.at);
  if (row < history.next - history.signal.mask) return { alert, state: laterState(history, alert, row), now: alert };
  const verdict = history.verdicts[row & history.signal.mask];
  if (verdict === undefined || verdict.score < EXPLAINED * alert.score) {
    return { alert, state: "vanished", now: restated(history, known, alert) };
  }
  return {
    alert,
    state: laterState(history, alert, row),
    now: describeRow(history, known, row, verdict, verdict.score),
  };
}

function laterState(history: History, alert: RememberedAlert, row: number): Standing["state"] {
  const age = (history.next - row) * history.pace.step;
  if (age <= DAY_MS) return "stands";
  if (!lasts(history, alert)) return "over";
  return age >= NEW_LEVEL_MS ? "new-level" : "stands";
}

/** The alert with what is known of its period now. */
function restated(history: History, known: KnownSeries, alert: RememberedAlert): RememberedAlert {
  const actual = known.costs[rowOf(history, alert.at) - rowOf(history, known.start)] ?? alert.actual;
  return { ...alert, actual, score: 0, impact: 0 };
}

/** Whether the newest day is nearer to the alert than to what was expected, or stands still. */
function lasts({ signal, next, pace, learnt }: History, alert: RememberedAlert): boolean {
  const { day } = pace.windows;
  if (learnt.flatRun >= day) return true;
  const expected = transform(signal.anchor, alert.expected);
  return (meanOf(signal, next - day, next) - expected) / (transform(signal.anchor, alert.actual) - expected) > 0.5;
}
