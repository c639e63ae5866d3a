import { dayOf, daysBetween } from "../../../core/period.ts";
import type { LeafContext } from "../hierarchy/leaf-excess.ts";
import { type NodeAlert, onePerCause, type ToldAlert } from "../hierarchy/one-per-cause.ts";
import { leafCompleteness } from "../series/node-completeness.ts";
import type { LeafTable, SeriesNode } from "../series/types.ts";
import { type Alert, DAY_MS, type KnownSeries, type Standing } from "../types.ts";
import type { AnomalyMemory, ToldCause } from "./memory.ts";
import { type JudgeInput, standingOf, type Watched, watchAll } from "./watch-series.ts";

/** A lake seen for the first time is judged as if it had been watched for so long, so that nobody is told old stories. */
const FIRST_SIGHT_DAYS = 14;
/** After a long pause no more days than this are judged one by one. */
const MOST_DAYS = 30;
/** Days that a restatement may have changed since the last look. */
const RESTATED_DAYS = 7;
/** By the hour, what has been delivered since may be new, and so many hours may have been restated; who was told is remembered. */
const JUDGED_HOURS_MS = 2 * DAY_MS;
/** A cause that nobody asks about any more. */
const FORGOTTEN_DAYS = 120;

/** A cause that people were told, and what has become of it. */
export interface CauseNow {
  cause: ToldCause;
  /** Undefined when the ledger or the configuration has no such series any more. */
  node?: SeriesNode;
  /** `ahead`: told by an evaluation of a later day than this one. */
  state: Standing["state"] | "ahead";
  now: Alert;
}

export interface Judgement {
  memory: AnomalyMemory;
  causes: CauseNow[];
}

/**
 * Judges every series of every level on the days since the last evaluation, each as of its own evening with the costs as known now, and
 * keeps one alert per cause. By the hour there is one look, over what each series has delivered in its newest two days. A pure function of the ledger and the memory: asked again with the memory it gave, it finds nothing new.
 */
export function judgeSeries(input: JudgeInput): Judgement {
  const { table, memory } = input;
  const completeness = leafCompleteness(table, input.completenessOf);
  const watched = watchAll(input, completeness);
  const told = tell({ table, completeness }, watched, daysToJudge(table, memory), memory?.told ?? []);
  return { memory: remember(input, watched, told), causes: causesNow(watched, told, table) };
}

/** Days that are new since the last evaluation; the last day again when none is, since it may have been restated. */
function daysToJudge({ start, days, step }: LeafTable, memory: AnomalyMemory | undefined): number[] {
  const last = days - 1;
  if (step !== undefined) return days > 0 ? [last] : [];
  const fresh =
    memory === undefined ? FIRST_SIGHT_DAYS : Math.min(MOST_DAYS, last - daysBetween(start, memory.through));
  const first = Math.max(0, last - Math.max(1, fresh) + 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_none, index) => first + index);
}

/** What people have been told, with the new causes of these days. */
function tell(
  context: LeafContext,
  watched: readonly Watched[],
  days: readonly number[],
  before: readonly ToldCause[],
): ToldCause[] {
  const bySeries = new Map(watched.map((one) => [one.node.id, one]));
  const told = [...before];
  for (const day of days) {
    const alerts = lookAt(watched, day, changedFrom(context.table, day, day === days[0]));
    if (alerts.length === 0) continue;
    for (const { node, alert } of onePerCause(context, day, alerts, toldAt(bySeries, told, day))) {
      const { id: series, currency, keys } = node;
      const alertedAt = knownEnd(bySeries.get(series)?.knownAt(day));
      told.push({ series, currency, keys: { ...keys }, alert: { ...alert, alertedAt } });
    }
  }
  return told;
}

/** The first period that may be other than at the look before. */
function changedFrom({ step }: LeafTable, day: number, isFirst: boolean): (known: KnownSeries) => number {
  if (step !== undefined) return ({ costs }) => Math.max(0, costs.length - JUDGED_HOURS_MS / step);
  return () => (isFirst ? Math.max(0, day - RESTATED_DAYS) : day);
}

/** As the watch dates its alerts, so that both are found to be one. */
function knownEnd(known: KnownSeries | undefined): number {
  return known === undefined ? 0 : known.start + known.costs.length * known.step;
}

function lookAt(watched: readonly Watched[], day: number, from: (known: KnownSeries) => number): NodeAlert[] {
  return watched.flatMap(({ node, watch, knownAt, believes }) => {
    const known = knownAt(day);
    const alerts = watch.look(known, from(known)).flatMap((one) => one.alert ?? []);
    const alert = loudest(alerts.filter(believes));
    return alert === undefined ? [] : [{ node, alert }];
  });
}

function loudest(alerts: readonly Alert[]): Alert | undefined {
  return alerts.reduce<Alert | undefined>((a, b) => (a === undefined || b.impact > a.impact ? b : a), undefined);
}

function toldAt(bySeries: ReadonlyMap<string, Watched>, told: readonly ToldCause[], day: number): ToldAlert[] {
  return told.flatMap(({ series, alert }) => {
    const one = bySeries.get(series);
    if (one === undefined) return [];
    return [{ node: one.node, alert, state: standingOf(one, alert, day)?.state ?? "over" }];
  });
}

/** Series that are not watched now keep what they had: a provider that delivers again is no stranger. */
function remember(
  { table, memory }: JudgeInput,
  watched: readonly Watched[],
  told: readonly ToldCause[],
): AnomalyMemory {
  const end = endOf(table);
  const oldest = end - FORGOTTEN_DAYS * DAY_MS;
  const now = new Map(watched.map(({ node, watch, believes }) => [node.id, watch.memory().alerts.filter(believes)]));
  const before = Object.entries(memory?.series ?? {}).filter(([id]) => !now.has(id));
  const kept = [...before, ...now].map(([id, alerts]) => [id, alerts.filter(({ at }) => at >= oldest)] as const);
  const through = dayOf(new Date(end - (table.step ?? DAY_MS)));
  return {
    through: memory === undefined || memory.through < through ? through : memory.through,
    series: Object.fromEntries(kept.filter(([, alerts]) => alerts.length > 0)),
    told: told.filter(({ alert }) => alert.at >= oldest),
  };
}

function endOf({ start, days, step = DAY_MS }: LeafTable): number {
  return Date.parse(start) + days * step;
}

function causesNow(watched: readonly Watched[], told: readonly ToldCause[], table: LeafTable): CauseNow[] {
  const bySeries = new Map(watched.map((one) => [one.node.id, one]));
  const end = endOf(table);
  return told.map((cause): CauseNow => {
    const one = bySeries.get(cause.series);
    if (cause.alert.alertedAt > end) return { cause, state: "ahead", now: cause.alert };
    const found = one === undefined ? undefined : standingOf(one, cause.alert, table.days - 1);
    const { state, now } = found ?? { state: "over" as const, now: cause.alert };
    return { cause, ...(one === undefined ? {} : { node: one.node }), state, now };
  });
}
