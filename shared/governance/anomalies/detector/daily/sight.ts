import type { Alert, KnownSeries, Sensitivity } from "../../types.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { toAlert } from "./describe.ts";
import { readSeries } from "./reading.ts";
import type { Dial } from "./thresholds.ts";

/** What a look at a series sees. */
export interface Sight {
  /** The best of either direction that reaches the threshold, most telling first. */
  due: Alert[];
  /** Score of each period that stands out, by its index. */
  scores: Map<number, number>;
}

/** Looks at a series of which the periods from `from` on are new or restated. */
export function see(known: KnownSeries, from: number, sensitivity: Sensitivity, dial: Dial): Sight {
  const reading = readSeries(known, sensitivity);
  const { offset } = reading.window;
  const scores = new Map<number, number>();
  let up: Candidate | undefined;
  let down: Candidate | undefined;
  for (const candidate of findCandidates(reading, dial)) {
    // what ended before anything new was judged when it was new
    if (candidate.end + offset < from) continue;
    const score = candidate.score / sensitivity.caution;
    scores.set(candidate.at + offset, Math.max(score, scores.get(candidate.at + offset) ?? 0));
    if (candidate.effect > 0) up = better(up, candidate);
    else down = better(down, candidate);
  }
  const due = [up, down].filter(
    (one) => one !== undefined && one.score / sensitivity.caution >= dial.threshold,
  ) as Candidate[];
  due.sort((a, b) => b.score - a.score);
  return { due: due.map((one) => toAlert(known, reading, one, one.score / sensitivity.caution)), scores };
}

const better = (one: Candidate | undefined, other: Candidate) =>
  one === undefined || other.score > one.score ? other : one;
