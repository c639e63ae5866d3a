import { at } from "../../../core/at.ts";
import type { SeriesNode } from "../series/types.ts";
import { type Alert, DAY_MS, type Standing } from "../types.ts";
import { type DayRange, type LeafContext, type LeafExcess, leafExcess } from "./leaf-excess.ts";
import { gainOf, type LeafMoves, leafMoves } from "./leaf-moves.ts";

/** An alert is told already when at least this part of its excess lies in leaves of what has been told. */
const EXPLAINED = 0.8;
/** What was told once is told again when it goes so many times further. */
const FURTHER = 1.25;
/** Watches date one cause a few days apart; by the hour they look back over windows of up to a day. */
const SAME_ONSET_MS = 3 * DAY_MS;
const SAME_ONSET_BY_HOUR_MS = DAY_MS;

/** A series that alerted, and why. */
export interface NodeAlert {
  node: SeriesNode;
  alert: Alert;
}

/** What people were told on an earlier day. */
export interface ToldAlert extends NodeAlert {
  /** What has become of it. */
  state: Standing["state"];
}

/** An alert that stands for its cause, and the alerts of other series that are the same money. */
export interface Cause extends NodeAlert {
  others: NodeAlert[];
}

interface Weighed extends NodeAlert {
  excess: LeafExcess;
  /** From its first to today. */
  days: number;
}

/**
 * One alert for one cause. All series in which the same money shows alert together: the service in an account, the account, the service,
 * the cloud, the total. Of alerts that share leaves, in turn:
 * 1. the one with the largest impact says which days are looked at;
 * 2. the series that explains the leaves best as one move of all of its parts is told (`attribution/evidence.ts`): one account whose cost
 *    rises explains itself better than its cloud does; many accounts rising alike are explained better by what they share;
 * 3. every alert of whose excess at least 80 % lies in what has been told is the same cause.
 * Upward and downward alerts are kept apart, and so are currencies, which share no leaves. `told` are the causes of earlier days: while one
 * stands, a series above or across it that alerts for the same money is no news, nor the series itself again, also once it has become the
 * new level, unless it goes clearly further; a series below is news when it began clearly after what was told of the whole.
 */
export function onePerCause(
  context: LeafContext,
  today: number,
  alerts: readonly NodeAlert[],
  told: readonly ToldAlert[],
): Cause[] {
  const apart = ({ node, alert }: NodeAlert) => `${node.currency} ${alert.direction}`;
  const before = Map.groupBy(told, apart);
  return [...Map.groupBy(alerts, apart)].flatMap(([group, some]) =>
    choose(context, today, some, before.get(group) ?? []),
  );
}

function choose(
  context: LeafContext,
  today: number,
  alerts: readonly NodeAlert[],
  told: readonly ToldAlert[],
): Cause[] {
  let pending = alerts.map((one) => weighed(context, today, one)).filter((one) => !isKnownCause(context, one, told));
  const movesOn = leafMoves(
    context,
    pending.map(({ node }) => node),
  );
  const causes: Cause[] = [];
  while (pending.length > 0) {
    const chosen = bestOf(context, today, pending, movesOn);
    const covered = leavesOf(context, [...causes, chosen]);
    const isSame = (one: Weighed) => one === chosen || isExplained(one, covered);
    const others = pending.filter((one) => one !== chosen && isSame(one));
    causes.push({ node: chosen.node, alert: chosen.alert, others });
    pending = pending.filter((one) => !isSame(one));
  }
  return causes;
}

function weighed(context: LeafContext, today: number, one: NodeAlert): Weighed {
  const { from, to } = daysOf(context, today, one);
  return { ...one, excess: leafExcess(context, one.node, { from, to }, one.alert), days: to - from + 1 };
}

function daysOf({ table }: LeafContext, today: number, { alert }: NodeAlert): DayRange {
  const from = Math.round((alert.since - Date.parse(table.start)) / (table.step ?? DAY_MS));
  return { from: Math.min(today, Math.max(0, from)), to: today };
}

function leavesOf({ table }: LeafContext, nodes: readonly NodeAlert[]): Uint8Array {
  const covered = new Uint8Array(table.leaves.length);
  for (const { node } of nodes) for (const leaf of node.leaves) covered[leaf] = 1;
  return covered;
}

/** Told on an earlier day: the same series or one above while it stands, others by their money. */
function isKnownCause(context: LeafContext, one: Weighed, told: readonly ToldAlert[]): boolean {
  const { node, alert } = one;
  const sameOnset = context.table.step === undefined ? SAME_ONSET_MS : SAME_ONSET_BY_HOUR_MS;
  if (told.some((before) => before.node.id === node.id && isToldHeight(before, alert))) return true;
  const recent = told.filter(({ state, alert: { at } }) => state === "stands" || at >= alert.since - sameOnset);
  const around = recent.filter((before) => holds(before.node, node));
  if (around.some((before) => alert.since <= before.alert.at + sameOnset)) return true;
  return isExplained(
    one,
    leavesOf(
      context,
      recent.filter((before) => !around.includes(before)),
    ),
  );
}

/** A series that people were told of and that has not come back since: the same height is no news. */
function isToldHeight({ state, alert: told }: ToldAlert, alert: Alert): boolean {
  if (state === "stands") return true;
  const isFurther =
    alert.direction === "up" ? alert.actual > FURTHER * told.actual : alert.actual * FURTHER < told.actual;
  return state === "new-level" && !isFurther;
}

function holds(outer: SeriesNode, inner: SeriesNode): boolean {
  return (
    outer.currency === inner.currency && Object.entries(outer.keys).every(([name, value]) => inner.keys[name] === value)
  );
}

/** At least 80 % of the excess is covered, or what is not is within the range: it would not have alerted. */
function isExplained({ node, alert, excess, days }: Weighed, covered: Uint8Array): boolean {
  const sign = alert.direction === "up" ? 1 : -1;
  let inside = 0;
  for (const [index, leaf] of node.leaves.entries()) {
    if (covered[leaf] === 1) inside += sign * (at(excess.actual, index) - at(excess.expected, index));
  }
  const range = alert.direction === "up" ? alert.upper - alert.expected : alert.expected - alert.lower;
  const left = alert.impact - inside;
  return inside > 0 && (left <= (1 - EXPLAINED) * alert.impact || left <= range * Math.sqrt(days));
}

/** Of the alerts that share leaves with the loudest, the series that explains the leaves best as one move. */
function bestOf(
  context: LeafContext,
  today: number,
  pending: readonly Weighed[],
  movesOn: (days: DayRange) => LeafMoves,
): Weighed {
  const loudest = pending.reduce((a, b) => (b.alert.impact > a.alert.impact ? b : a));
  const own = leavesOf(context, [loudest]);
  const related = pending.filter(({ node }) => node.leaves.some((leaf) => own[leaf] === 1));
  if (related.length === 1) return loudest;
  const moves = movesOn(daysOf(context, today, loudest));
  const gains = new Map(related.map((one) => [one, gainOf(one.node, moves)]));
  return related.reduce((a, b) => (Number(gains.get(b)) > Number(gains.get(a)) ? b : a));
}
