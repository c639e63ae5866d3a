import type {
  AlertMemory,
  Judged,
  KnownSeries,
  RememberedAlert,
  Sensitivity,
  SeriesWatch,
  Standing,
} from "../../types.ts";
import { type News, newsOf, remember } from "../memory/news.ts";
import { repeatScore, type SilenceRules } from "../memory/silence.ts";
import { type StandingRules, standingOf } from "../memory/standing.ts";
import { toldSince } from "./describe.ts";
import { at } from "./numbers.ts";
import { readSeries } from "./reading.ts";
import { see } from "./sight.ts";
import { DIALS } from "./thresholds.ts";
import { LEAST_HISTORY } from "./window.ts";

/** Newest periods that are judged again at each look: their amounts still move. */
export const JUDGED = 3;
export const SILENCE: SilenceRules = { silence: 7, sameCause: 30, wayBack: 45, growth: 1.5 };
const STANDING: StandingRules = { learnt: 14, quiet: 2 };

/** Watches a series of days or longer periods. The model: docs/anomalies.md. */
export function createDailyWatch(sensitivity: Sensitivity, memory?: AlertMemory): SeriesWatch {
  const dial = DIALS[sensitivity.falseAlertsPer90Days];
  const rules = { threshold: dial.threshold, floor: sensitivity.floor, silence: SILENCE };
  let alerts: readonly RememberedAlert[] = memory?.alerts ?? [];

  function look(known: KnownSeries, changedFrom: number): Judged[] {
    const total = known.costs.length;
    const from = Math.max(changedFrom, total - JUDGED, 0);
    if (from >= total || total <= LEAST_HISTORY) return linesOf(known, from, new Map());
    const sight = see(known, from, sensitivity, dial);
    const now = known.start + total * known.step;
    const news = newsOf(sight.due, alerts, now, known.step, rules);
    if (news.told !== undefined) alerts = remember(alerts, news.told, now, known.step, SILENCE);
    return withNews(linesOf(known, from, sight.scores), news, dial.threshold);
  }

  function standing(known: KnownSeries): Standing[] {
    if (alerts.length === 0) return [];
    const reading = readSeries(known, sensitivity);
    return alerts.map((alert) => standingOf(alert, toldSince(known, reading, alert.since), known.step, STANDING));
  }

  return { look, standing, memory: () => ({ alerts: [...alerts] }) };
}

/** A line for each known period from `from` on. */
function linesOf(known: KnownSeries, from: number, scores: ReadonlyMap<number, number>): Judged[] {
  const lines: Judged[] = [];
  for (let i = from; i < known.costs.length; i++) {
    if (!Number.isNaN(at(known.costs, i))) lines.push({ at: known.start + i * known.step, score: scores.get(i) ?? 0 });
  }
  return lines;
}

/**
 * The line of a period that made an alert carries it; a repeat keeps little of its score, and so do other days that would be due: they are
 * lesser views of the same.
 */
function withNews(lines: readonly Judged[], { told, repeats }: News, threshold: number): Judged[] {
  const isAnswered = told !== undefined || repeats.length > 0;
  const silenced = (line: Judged) => isAnswered && line.score >= threshold;
  const all =
    told === undefined || lines.some((line) => line.at === told.at)
      ? lines
      : [{ at: told.at, score: told.score }, ...lines];
  return all.map((line) => {
    if (line.at === told?.at) return { at: line.at, score: told.score, alert: told };
    return silenced(line) ? { at: line.at, score: Math.min(repeatScore(line.score), threshold / 2) } : line;
  });
}
