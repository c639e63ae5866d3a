import type { Alert, KnownSeries } from "../../types.ts";
import { impactOf, type Told } from "../memory/standing.ts";
import type { Candidate } from "./candidates.ts";
import { forecastFrom, forecastVariance } from "./forecast.ts";
import { fillMonthly } from "./monthly.ts";
import { at } from "./numbers.ts";
import { FARTHEST_ONSET, type Reading } from "./reading.ts";

/** Half width of the range in standard deviations: a quiet series leaves it about once in 90 days. */
const RANGE = 2.5;
/** A cause of more days than this is a drift. */
const POINT_DAYS = 3;

/** The alert that a candidate makes. */
export function toAlert(known: KnownSeries, reading: Reading, candidate: Candidate, score: number): Alert {
  const timeOf = (index: number) => known.start + (index + reading.window.offset) * known.step;
  const covered = toldFrom(known, reading, candidate.onset).filter((one) => one.at <= timeOf(candidate.end));
  const decisive = covered.find((one) => one.at === timeOf(candidate.at));
  if (decisive === undefined) throw new TypeError("an alert was due for a period of which nothing is known");
  const direction = candidate.effect > 0 ? "up" : "down";
  const channel = candidate.end - candidate.onset < POINT_DAYS ? "point" : "drift";
  return {
    ...decisive,
    since: timeOf(candidate.onset),
    score,
    direction,
    channel,
    impact: impactOf(covered, { direction }),
  };
}

/** The periods since an alert began, as known now; none when that is too long ago. */
export function toldSince(known: KnownSeries, reading: Reading, since: number): Told[] {
  const onset = Math.round((since - known.start) / known.step) - reading.window.offset;
  const { window, track, noise, monthly } = reading;
  if (onset < 1 || onset >= window.length) return [];
  // a reading knows fees from the farthest onset that is judged; before it there are those of the series read before
  if (onset < window.length - FARTHEST_ONSET) fillMonthly(monthly, track, window, noise, onset);
  return toldFrom(known, reading, onset);
}

/** Known periods from `onset` on beside what was expected of them before it, on the footing of what is known. */
function toldFrom(known: KnownSeries, reading: Reading, onset: number): Told[] {
  const { window, track, noise } = reading;
  const forecast = forecastFrom(reading, onset);
  const told: Told[] = [];
  for (let t = onset; t < window.length; t++) {
    const actual = at(known.costs, t + window.offset);
    if (Number.isNaN(actual)) continue;
    const lead = t - onset + 1;
    const level = forecastVariance(track, window, noise, onset, 1, lead) + reading.wander * lead;
    const width = RANGE * Math.sqrt(at(forecast.scale2, t) + level);
    told.push({
      at: known.start + (t + window.offset) * known.step,
      actual,
      ...range(reading, known, t, at(forecast.mu, t), width),
    });
  }
  return told;
}

function range(
  { window }: Reading,
  known: KnownSeries,
  t: number,
  mu: number,
  width: number,
): Pick<Told, "expected" | "lower" | "upper"> {
  const share = known.completeness[window.length - 1 - t]?.share ?? 1;
  const lower = mu - width <= window.least ? 0 : Math.exp(mu - width) * share;
  return { expected: Math.exp(mu) * share, lower, upper: Math.exp(mu + width) * share };
}
