import type { Alert, AlertMemory, Judged, KnownSeries, RememberedAlert, Sensitivity, SeriesWatch, Standing } from "../../types.ts";
import { remember, toMemory } from "../memory/remember.ts";
import { isRepeat, repeatScore, type SilenceRules } from "../memory/silence.ts";
import { impactOf, standingOf, type StandingRules, type Told } from "../memory/standing.ts";
import { createTrack, type Noise, type Track } from "./filter.ts";
import { learn } from "./noise.ts";
import { at } from "./numbers.ts";
import { type Candidate, forecastFrom, judge } from "./templates.ts";
import { THRESHOLDS } from "./thresholds.ts";
import { createWindow, fillWindow, type Window } from "./window.ts";

/** Newest periods that are judged again at each look: the bill still moves. */
const JUDGED = 3;
/** Periods of history below which statistics say nothing. */
const LEAST_HISTORY = 14;
const SILENCE: SilenceRules = { silence: 7, sameCause: 30, wayBack: 45, growth: 2 };
const STANDING: StandingRules = { learnt: 14, quiet: 2 };
/** Half width of the range in standard deviations. */
const RANGE = 2.5;

const window = createWindow();
const track = createTrack();

/** Watches a series of days or longer periods. */
export function createDailyWatch(sensitivity: Sensitivity, memory?: AlertMemory): SeriesWatch {
  let alerts: readonly RememberedAlert[] = memory?.alerts ?? [];
  const threshold = THRESHOLDS[sensitivity.falseAlertsPer90Days];

  function look(known: KnownSeries, changedFrom: number): Judged[] {
    const total = known.costs.length;
    const from = Math.max(changedFrom, total - JUDGED, 0);
    if (from >= total) return [];
    const found = total > LEAST_HISTORY ? find(known, sensitivity, from) : [];
    const judged = scores(known, found, from, sensitivity.caution);
    const now = known.start + total * known.step;
    for (const candidate of mostTelling(found)) {
      const score = candidate.score / sensitivity.caution;
      if (score < threshold) break;
      const alert = toAlert(known, candidate, score);
      const line = lineOf(judged, alert.at);
      if (isRepeat(alerts, alert, now, known.step, SILENCE)) {
        line.score = Math.min(line.score, repeatScore(score));
        continue;
      }
      if (alert.impact < sensitivity.floor) continue;
      line.score = score;
      line.alert = alert;
      alerts = remember(alerts, alert, now, now - 2 * SILENCE.wayBack * known.step);
      break;
    }
    return judged;
  }

  function standing(known: KnownSeries): Standing[] {
    if (alerts.length === 0) return [];
    fillWindow(window, known, sensitivity);
    const noise = learn(track, window);
    return alerts.map((alert) => standingOf(alert, toldSince(known, noise, alert.since), known.step, STANDING));
  }

  return { look, standing, memory: () => toMemory(alerts) };
}

/** What stands out, most telling first. Something that ended before what is new was judged when it was new. */
function find(known: KnownSeries, sensitivity: Sensitivity, from: number): Candidate[] {
  fillWindow(window, known, sensitivity);
  noiseNow = learn(track, window);
  const noise = noiseNow;
  const newest = from - window.offset;
  return judge(window, track, noise)
    .filter((candidate) => candidate.end >= newest)
    .sort((a, b) => b.score - a.score);
}

/** The best of either direction: what scores less is another sight of the same. */
function mostTelling(found: readonly Candidate[]): Candidate[] {
  const best = [found.find((one) => one.effect > 0), found.find((one) => one.effect < 0)];
  return best.filter((one) => one !== undefined).sort((a, b) => b.score - a.score);
}

function scores(known: KnownSeries, found: readonly Candidate[], from: number, caution: number): Judged[] {
  const judged: Judged[] = [];
  for (let i = from; i < known.costs.length; i++) {
    if (Number.isNaN(at(known.costs, i))) continue;
    const best = found.find((candidate) => candidate.at + window.offset === i);
    judged.push({ at: known.start + i * known.step, score: Math.max(0, best?.score ?? 0) / caution });
  }
  return judged;
}

function lineOf(judged: Judged[], time: number): Judged {
  const line = judged.find((one) => one.at === time);
  if (line !== undefined) return line;
  const added: Judged = { at: time, score: 0 };
  judged.push(added);
  return added;
}

let noiseNow: Noise = { scale: 1, phi: 0 };

function toAlert(known: KnownSeries, candidate: Candidate, score: number): Alert {
  const told = toldFrom(known, window, track, noiseNow, candidate.onset).filter((one) => one.at <= known.start + (candidate.end + window.offset) * known.step);
  const time = known.start + (candidate.at + window.offset) * known.step;
  const decisive = told.find((one) => one.at === time) as Told;
  const direction = candidate.effect > 0 ? "up" : "down";
  return {
    ...decisive,
    since: known.start + (candidate.onset + window.offset) * known.step,
    score,
    direction,
    channel: candidate.end - candidate.onset < 3 ? "point" : "drift",
    impact: impactOf(told, { direction }),
  };
}

function toldSince(known: KnownSeries, noise: Noise, since: number): Told[] {
  const onset = Math.round((since - known.start) / known.step) - window.offset;
  return onset < LEAST_HISTORY || onset >= window.length ? [] : toldFrom(known, window, track, noise, onset);
}

function toldFrom(known: KnownSeries, shown: Window, learnt: Track, noise: Noise, onset: number): Told[] {
  const told: Told[] = [];
  forecastFrom(shown, learnt, noise, onset, (index, mu, sigma) => {
    const actual = at(known.costs, index + shown.offset);
    if (Number.isNaN(actual)) return;
    const share = known.completeness[shown.length - 1 - index]?.share ?? 1;
    told.push({
      at: known.start + (index + shown.offset) * known.step,
      actual,
      expected: Math.exp(mu) * share,
      lower: Math.exp(mu - RANGE * sigma) * share,
      upper: Math.exp(mu + RANGE * sigma) * share,
    });
  });
  return told;
}
