import type {
  Alert,
  CreateWatch,
  KnownSeries,
  RememberedAlert,
  Standing,
} from "../../../../../shared/governance/anomalies/types.ts";

const SCORE = 8;
const SILENT = 7;

/**
 * A watch that a reader can check by hand, for tests of what is built on watches: a day is unusual when it is off the median of the four
 * weeks before by 8 robust sigmas; then silence for a week.
 */
export const simpleWatch: CreateWatch = (sensitivity, memory) => {
  const alerts: RememberedAlert[] = [...(memory?.alerts ?? [])];
  return {
    look(known) {
      const at = known.costs.length - 1;
      const alert = alertOn(known, at, at);
      const score = alert?.score ?? 0;
      const now = known.start + known.costs.length * known.step;
      const isNews = alerts.every(({ alertedAt }) => now - alertedAt > SILENT * known.step || alertedAt > now);
      if (alert === undefined || alert.impact < sensitivity.floor || !isNews || isPlanned(alert))
        return [{ at, score }];
      alerts.push({ ...alert, alertedAt: now });
      return [{ at, score, alert }];
    },
    standing: (known) => alerts.map((alert) => standingOf(known, alert)),
    memory: () => ({ alerts }),
  };

  function isPlanned({ at }: Alert): boolean {
    return sensitivity.planned.some(({ from, to }) => at >= from && at < to);
  }
};

function standingOf(known: KnownSeries, alert: RememberedAlert): Standing {
  const first = (alert.since - known.start) / known.step;
  const last = known.costs.length - 1;
  const then = alertOn(known, (alert.at - known.start) / known.step, first);
  const now = alertOn(known, last, first);
  if (then === undefined) return { alert, state: "vanished", now: alert };
  return now === undefined ? { alert, state: "over", now: then } : { alert, state: "stands", now };
}

/** Day `day` against the four weeks before `first`. */
function alertOn({ start, step, costs, completeness }: KnownSeries, day: number, first: number): Alert | undefined {
  const before = [...costs.subarray(Math.max(0, first - 28), first)].filter((cost) => !Number.isNaN(cost));
  const actual = costs[day] ?? Number.NaN;
  if (before.length < 14 || Number.isNaN(actual)) return undefined;
  const share = completeness[costs.length - 1 - day]?.share ?? 1;
  const middle = median(before);
  const expected = middle * share;
  const sigma = Math.max(1.4826 * median(before.map((cost) => Math.abs(cost - middle))), 0.01 * middle, 0.01);
  const score = Math.abs(actual - expected) / sigma;
  if (score < SCORE) return undefined;
  const moved = [...costs.subarray(first, day + 1)].reduce(
    (sum, cost) => sum + (Number.isNaN(cost) ? 0 : cost - expected),
    0,
  );
  return {
    at: start + day * step,
    since: start + first * step,
    score,
    actual,
    expected,
    lower: expected - SCORE * sigma,
    upper: expected + SCORE * sigma,
    direction: actual > expected ? "up" : "down",
    channel: "point",
    impact: Math.abs(moved),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Never alerts: for tests of everything else. */
export const silentWatch: CreateWatch = () => ({
  look: () => [],
  standing: () => [],
  memory: () => ({ alerts: [] }),
});
