import { type Alert, DAY_MS, type KnownSeries, type RememberedAlert } from "../../types.ts";
import { at } from "../daily/numbers.ts";
import { WAYS } from "./departures.ts";
import type { History } from "./history.ts";
import { rowOf } from "./history.ts";
import type { Verdict } from "./judge-row.ts";
import { meanOf, restore, valueAt } from "./signal.ts";

/** After an alert its series is silent for so long, and for what began before it much longer, unless the score doubles. */
const SILENCE_MS = DAY_MS;
const SAME_CAUSE_MS = 14 * DAY_MS;
const DOUBLE = 2;

/** Why and by how much the row is unusual; amounts are on the footing of what is known of the row now. */
export function describeRow(history: History, known: KnownSeries, row: number, verdict: Verdict, score: number): Alert {
  const { pace, signal } = history;
  const shift = rowOf(history, known.start);
  const rows = coveredRows(history, row, verdict);
  const share = shareAt(known, row - shift);
  const least = history.learnt.lowest >= 0 ? 0 : Number.NEGATIVE_INFINITY;
  const amount = (value: number): number => Math.max(least, restore(signal.anchor, value) * share);
  const { expected, odd } = expectationOf(history, row, verdict);
  return {
    at: pace.start + row * pace.step,
    since: pace.start + rows.from * pace.step,
    score,
    actual: at(known.costs, row - shift),
    expected: amount(expected),
    lower: amount(expected - odd),
    upper: amount(expected + odd),
    direction: verdict.departure < 0 || isQuiet(verdict) ? "down" : "up",
    channel: isSlow(verdict) ? "drift" : "point",
    impact: impactOf(history, rows, verdict),
  };
}

function shareAt({ completeness, costs }: KnownSeries, index: number): number {
  return completeness[costs.length - 1 - index]?.share ?? 1;
}

const wayOf = ({ way }: Verdict): (typeof WAYS)[number] => WAYS[way] ?? "value";
const isQuiet = (verdict: Verdict): boolean => wayOf(verdict) === "flat";
const isSlow = (verdict: Verdict): boolean => ["day", "roughness", "flat", "level"].includes(wayOf(verdict));
const isAboutShape = (verdict: Verdict): boolean => ["roughness", "flat"].includes(wayOf(verdict));

/** What the row should have been, on the footing of the signal, and how far off is odd. */
function expectationOf(history: History, row: number, verdict: Verdict): { expected: number; odd: number } {
  const { signal, pace, learnt } = history;
  if (!isAboutShape(verdict)) return { expected: valueAt(signal, row) - verdict.departure, odd: verdict.odd };
  const yesterday = meanOf(signal, row + 1 - 2 * pace.windows.day, row + 1 - pace.windows.day);
  return { expected: Number.isNaN(yesterday) ? learnt.location : yesterday, odd: 3 * at(learnt.scales, 0) };
}

/** Rows `[from, to)` that the departure is about, less those at its beginning that do not take part. */
function coveredRows({ signal, pace, learnt }: History, row: number, verdict: Verdict): { from: number; to: number } {
  const { windows } = pace;
  const length = {
    value: 1,
    point: 1,
    hour: windows.hour,
    season: windows.quarter,
    day: windows.day,
    roughness: windows.quarter,
    flat: verdict.departure,
    level: windows.day,
  };
  let from = Math.max(learnt.first, row + 1 - length[wayOf(verdict)]);
  if (isAboutShape(verdict)) return { from, to: row + 1 };
  const normal = valueAt(signal, row) - verdict.departure;
  while (
    from < row &&
    (valueAt(signal, from) - normal) * Math.sign(verdict.departure) < Math.abs(verdict.departure) / 2
  )
    from += 1;
  return { from, to: row + 1 };
}

function impactOf(history: History, { from, to }: { from: number; to: number }, verdict: Verdict): number {
  const { signal } = history;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const value = valueAt(signal, row);
    const expected = isAboutShape(verdict) ? expectationOf(history, row, verdict).expected : value - verdict.departure;
    sum += restore(signal.anchor, value) - restore(signal.anchor, expected);
  }
  return Math.abs(sum);
}

/** Whether people have been told already. */
export function isSilenced(alerts: readonly RememberedAlert[], due: Alert): boolean {
  return alerts.some((told) => {
    const age = due.at - told.at;
    const isSameCause = age < SAME_CAUSE_MS && due.since <= told.at && due.direction === told.direction;
    return (Math.abs(age) < SILENCE_MS || isSameCause) && due.score < DOUBLE * told.score;
  });
}
