import type { LabelledSeries } from "./generator.ts";

/** What a detector said about the rows of a series: scores, 0 where it said nothing, and the rows that it alerted at. */
export interface ScoredSeries {
  series: LabelledSeries;
  scores: Float64Array;
  alerts: readonly number[];
}

interface Profile {
  falsePositive: number;
  missed: number;
}
export const PROFILES: Readonly<Record<string, Profile>> = {
  standard: { falsePositive: 0.11, missed: 1 },
  lowFalse: { falsePositive: 0.22, missed: 1 },
  lowMissed: { falsePositive: 0.11, missed: 2 },
};

/** The first 15 % of a series, at most 750 rows, are not scored. */
function probation(length: number): number {
  return Math.min(750, Math.floor(length * 0.15));
}

const sigmoid = (x: number): number => 2 / (1 + Math.exp(5 * x)) - 1;

interface Change {
  score: number;
  gain: number;
}

/** How the sum over all series changes as the threshold falls: a sweep over every score there is. */
export function bestThreshold(all: readonly ScoredSeries[], profile: Profile): { threshold: number; points: number } {
  const changes = all.flatMap((one) => changesOf(one, profile)).sort((a, b) => b.score - a.score);
  let sum = 0;
  let best = { threshold: Number.POSITIVE_INFINITY, points: 0 };
  changes.forEach(({ score, gain }, i) => {
    sum += gain;
    if (sum > best.points && changes[i + 1]?.score !== score) best = { threshold: score, points: sum };
  });
  return { threshold: best.threshold, points: percent(all, best.points, profile) };
}

/** Points at a given threshold: 0 for silence, 100 for every window caught at its first row and nothing else. */
export function pointsAt(all: readonly ScoredSeries[], profile: Profile, threshold: number): number {
  const sum = all
    .flatMap((one) => changesOf(one, profile))
    .reduce((total, { score, gain }) => total + (score >= threshold ? gain : 0), 0);
  return percent(all, sum, profile);
}

function percent(all: readonly ScoredSeries[], sum: number, profile: Profile): number {
  const windows = all.reduce(
    (total, { series }) => total + series.windows.filter((w) => w.to > probation(series.costs.length)).length,
    0,
  );
  return (100 * sum) / (windows * (1 + profile.missed));
}

function changesOf({ series, scores }: ScoredSeries, profile: Profile): Change[] {
  const changes: Change[] = [];
  const first = probation(scores.length);
  const inWindow = new Uint8Array(scores.length);
  for (const { from, to } of series.windows) {
    inWindow.fill(1, from, to);
    if (to <= first) continue;
    changes.push(...windowChanges(scores, Math.max(from, first), from, to, profile));
  }
  for (let i = first; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (score > 0 && inWindow[i] === 0) changes.push({ score, gain: -profile.falsePositive * harm(series, i) });
  }
  return changes;
}

/** Falling threshold: ever earlier rows become the first detection. */
function windowChanges(scores: Float64Array, start: number, from: number, to: number, profile: Profile): Change[] {
  const changes: Change[] = [];
  const rows = Array.from({ length: to - start }, (_, k) => start + k).filter((i) => (scores[i] ?? 0) > 0);
  let earliest = to;
  let reward = -profile.missed;
  for (const i of rows.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)) {
    if (i >= earliest) continue;
    const gain = sigmoid((i - (to - 1)) / (to - from)) / sigmoid(-1);
    changes.push({ score: scores[i] ?? 0, gain: gain - reward });
    earliest = i;
    reward = gain;
  }
  return changes;
}

function harm(series: LabelledSeries, i: number): number {
  const before = series.windows.filter((w) => w.to <= i).at(-1);
  if (before === undefined) return 1;
  const distance = (i - before.to + 1) / Math.max(1, before.to - before.from - 1);
  return distance > 3 ? 1 : -sigmoid(distance);
}

/** Windows caught, false alerts, and false alerts per 90 days of what is scored. */
interface EventFigures {
  precision: number;
  recall: number;
  f1: number;
  falsePer90Days: number;
}

/** Every alert counts by itself. */
export function eventsOf(all: readonly ScoredSeries[]): EventFigures {
  let windows = 0;
  let caught = 0;
  let falseAlerts = 0;
  for (const { series, scores, alerts } of all) {
    const first = probation(scores.length);
    const counted = alerts.filter((row) => row >= first);
    const scorable = series.windows.filter(({ to }) => to > first);
    windows += scorable.length;
    caught += scorable.filter(({ from, to }) => counted.some((row) => row >= from && row < to)).length;
    falseAlerts += counted.filter((row) => !series.windows.some(({ from, to }) => row >= from && row < to)).length;
  }
  const precision = caught / Math.max(1, caught + falseAlerts);
  const recall = caught / Math.max(1, windows);
  const f1 = (2 * precision * recall) / Math.max(1e-9, precision + recall);
  return { precision, recall, f1, falsePer90Days: falsePer90Days(all) };
}

/** Alerts outside every window, per 90 days; the mean of the families, so that those with long series do not decide alone. */
export function falsePer90Days(all: readonly ScoredSeries[]): number {
  const families = new Map<string, { alerts: number; time: number }>();
  for (const { series, scores, alerts } of all) {
    const first = probation(scores.length);
    const sums = families.get(series.family) ?? { alerts: 0, time: 0 };
    sums.alerts += alerts.filter(
      (row) => row >= first && !series.windows.some(({ from, to }) => row >= from && row < to),
    ).length;
    sums.time += (scores.length - first) * series.step;
    families.set(series.family, sums);
  }
  const rates = [...families.values()].map(({ alerts, time }) => (alerts / time) * 90 * 86_400_000);
  return rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
}
