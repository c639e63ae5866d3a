import type { Completeness, KnownSeries, Sensitivity } from "../../types.ts";
import { at } from "../daily/numbers.ts";
import { isFresh } from "./freshness.ts";
import { takeRow, type Verdict } from "./judge-row.ts";
import { copyLearnt, createLearnt, type Learnt, startAnew } from "./learnt.ts";
import { type Pace, paceOf } from "./pace.ts";
import { createSignal, findAnchor, rowsForAnchor, type Signal, setRow, transform, valueAt } from "./signal.ts";
import { thresholdFor } from "./thresholds.ts";

/** A series on its way through the detector: what is learnt up to row `next`, and the verdicts on its newest rows. */
export interface History {
  pace: Pace;
  signal: Signal;
  anchorRows: number;
  learnt: Learnt;
  next: number;
  /** From here on a later look may see other values: rows that were incomplete. */
  unsettled: number;
  /** Points to return to, oldest first: what was learnt before row `at`. */
  checkpoints: { at: number; learnt: Learnt }[];
  /** In the places of the signal: surprise of a row, and what of it is new. */
  raw: Float64Array;
  fresh: Float64Array;
  verdicts: (Verdict | undefined)[];
}

/** The longest comparison reaches back eight days; restatements are followed up to four days back, from one of so many points. */
const KEPT_DAYS = 13;
const CHECKPOINTS = 4;

const COMPLETE: Completeness = { share: 1, spread: 0 };

/** Told of every known row from `changedFrom` on, right after it was taken in: a row is described by what was known before it. */
type Visit = (history: History, index: number) => void;

/** Brings `history` up to what is known now, beginning anew where it must. Row numbers count from `history.pace.start`. */
export function follow(
  history: History | undefined,
  known: KnownSeries,
  changedFrom: number,
  people: Sensitivity,
  visit?: Visit,
): History {
  const kept = history !== undefined && canContinue(history, known) ? history : undefined;
  const current =
    kept !== undefined && returnTo(kept, firstToTake(kept, known, changedFrom), rowOf(kept, known.start))
      ? kept
      : begin(known);
  takeRows(current, known, people, (index) => {
    if (index >= changedFrom) visit?.(current, index);
  });
  return current;
}

function firstToTake(history: History, known: KnownSeries, changedFrom: number): number {
  return Math.min(changedFrom + rowOf(history, known.start), history.unsettled, history.next);
}

export function rowOf(history: History, time: number): number {
  return Math.round((time - history.pace.start) / history.pace.step);
}

function canContinue(history: History, known: KnownSeries): boolean {
  const { step, windows } = history.pace;
  if (known.step !== step || known.start < history.pace.start) return false;
  const end = rowOf(history, known.start) + known.costs.length;
  return end >= history.next && rowsForAnchor(end, windows.day) === history.anchorRows;
}

function begin(known: KnownSeries): History {
  const pace = paceOf(known.start, known.step);
  const anchorRows = rowsForAnchor(known.costs.length, pace.windows.day);
  const signal = createSignal(findAnchor(known.costs.subarray(0, anchorRows)), KEPT_DAYS * pace.windows.day);
  return {
    pace,
    signal,
    anchorRows,
    learnt: createLearnt(0),
    next: 0,
    unsettled: 0,
    checkpoints: [],
    raw: new Float64Array(signal.mask + 1),
    fresh: new Float64Array(signal.mask + 1),
    verdicts: [],
  };
}

/**
 * Forgets everything from `row` on. False when the anchor was found in what changed, or no point to return to lies between `oldest`, the
 * first row that is shown, and it.
 */
function returnTo(history: History, row: number, oldest: number): boolean {
  if (row >= history.next) return true;
  if (row < history.anchorRows) return false;
  const index = history.checkpoints.findLastIndex(({ at }) => at <= row);
  const checkpoint = history.checkpoints[index];
  if (checkpoint === undefined || checkpoint.at < oldest) return false;
  history.checkpoints.length = index;
  history.learnt = copyLearnt(checkpoint.learnt);
  history.next = checkpoint.at;
  return true;
}

function takeRows(history: History, known: KnownSeries, people: Sensitivity, visit: (index: number) => void): void {
  const shift = rowOf(history, known.start);
  const end = shift + known.costs.length;
  const uncertain = uncertainAges(known);
  const every = Math.ceil(Math.max(uncertain, history.pace.windows.day) / CHECKPOINTS);
  for (let row = history.next; row < end; row++) {
    if (row % every === 0 && row >= end - every * (CHECKPOINTS + 1)) keepCheckpoint(history, row);
    takeOne(history, known, row, row - shift, people);
    visit(row - shift);
  }
  history.next = end;
  history.unsettled = Math.max(0, end - uncertain);
}

function keepCheckpoint(history: History, row: number): void {
  history.checkpoints.push({ at: row, learnt: copyLearnt(history.learnt) });
  if (history.checkpoints.length > 2 * CHECKPOINTS) history.checkpoints.shift();
}

/** How many of the newest rows are not final. */
function uncertainAges({ completeness }: KnownSeries): number {
  return completeness.findLastIndex(({ share, spread }) => share !== 1 || spread !== 0) + 1;
}

function takeOne(history: History, known: KnownSeries, row: number, index: number, people: Sensitivity): void {
  const { signal, learnt, pace } = history;
  const place = row & signal.mask;
  const time = pace.start + row * pace.step;
  const { share, spread } = known.completeness[known.costs.length - 1 - index] ?? COMPLETE;
  const cost = isPlanned(people, time) ? Number.NaN : at(known.costs, index) / share;
  const isKnown = !Number.isNaN(cost);
  if (isKnown && (learnt.missing >= pace.windows.day || !learnt.begun || isNewLevel(people, time, pace.step)))
    startAnew(learnt, row);
  signal.first = learnt.first;
  setRow(signal, row, transform(signal.anchor, cost));
  history.raw[place] = 0;
  history.fresh[place] = 0;
  history.verdicts[place] = undefined;
  learnt.missing = isKnown ? 0 : learnt.missing + 1;
  if (!isKnown) return;
  const verdict = takeRow(
    learnt,
    signal,
    row,
    pace,
    spread === 0 ? 0 : spread * Math.abs(Math.tanh(valueAt(signal, row))),
  );
  if (verdict.score > 0) keepVerdict(history, row, verdict, thresholdFor(people.falseAlertsPer90Days) * people.caution);
}

function keepVerdict(history: History, row: number, verdict: Verdict, threshold: number): void {
  const place = row & history.signal.mask;
  history.verdicts[place] = verdict;
  history.raw[place] = verdict.score;
  if (isFresh(history, row, threshold)) history.fresh[place] = verdict.score;
}

function isPlanned({ planned }: Sensitivity, time: number): boolean {
  return planned.some(({ from, to }) => time >= from && time < to);
}

function isNewLevel({ newLevels }: Sensitivity, time: number, step: number): boolean {
  return newLevels.some((from) => from >= time && from < time + step);
}
